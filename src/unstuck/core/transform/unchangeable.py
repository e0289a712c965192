"""What a change says where it has no meaning."""

from __future__ import annotations


class Unchangeable(ValueError):
    """The change has no meaning for this Setup; the message says why."""
