"""Engines: train a chunk of networks of one Setup. Belongs here: what is done with stacked weights."""
