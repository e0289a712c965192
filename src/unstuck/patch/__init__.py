"""Turns edits into changed source, and writes it to disk; nothing here runs the user's code."""

from unstuck.patch.atomic import apply, encoded
from unstuck.patch.rewrite import write
from unstuck.patch.unpatchable import Unpatchable

__all__ = ["Unpatchable", "apply", "encoded", "write"]
