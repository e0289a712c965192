"""Faults of the data: what the network is given."""
