"""What is wrong with a study or a store, as one sentence for the person who wrote or named it."""

from __future__ import annotations


class Mistaken(ValueError):
    """A study, a store or an option cannot be used; the message says why, where, and what to do."""
