"""Faults of the loss: what is compared with what."""
