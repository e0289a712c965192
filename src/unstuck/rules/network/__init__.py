"""Faults of the network: how the network is built and how it starts."""
