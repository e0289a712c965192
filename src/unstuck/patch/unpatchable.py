"""The one error of this layer."""

from __future__ import annotations


class Unpatchable(ValueError):
    """An edit that cannot be turned into source; the message is a sentence for the user."""
