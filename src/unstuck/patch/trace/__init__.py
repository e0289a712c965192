"""What the source says: where values come from, who else uses them, what runs the network."""
