"""One file for each kind of edit, and what only they need."""
