"""Faults of the numbers that a script prints about its network: one file each."""
