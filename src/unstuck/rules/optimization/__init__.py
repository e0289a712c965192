"""Faults of the training: optimizer and the loop around it."""
