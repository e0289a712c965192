"""Experiments: ensembles of networks trained with and without a change, and the search for a cure."""
