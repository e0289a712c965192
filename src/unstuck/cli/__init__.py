"""The commands. Belongs here: words typed and printed, exit codes. All judgement lies below.

Modules of this folder import at the top only what starts in a few milliseconds; what brings numpy,
torch, rich or LibCST is imported where it is used, after the user's script has ended.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    from unstuck.cli.group import unstuck

    unstuck.main(args=None if argv is None else list(argv), prog_name="unstuck")
