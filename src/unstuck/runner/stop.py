"""Ends a script early and quietly, from within one of our hooks.

The exception is a `SystemExit` with status 0, because that is the one that python itself lets
pass without a word: at the top of the script, in a thread, in an asyncio task. Nothing is
installed in the script for it (no signal handler, no timer, no thread): an observer asks
`due()` whenever it is called anyway, and raises.
"""

import time

_deadline: float | None = None
_stopped = False


class StopTraining(SystemExit):
    """Unwinds the script; raised by observers once they have seen enough."""

    def __init__(self) -> None:
        """Remember that the end, when it comes, was our doing."""
        global _stopped
        super().__init__(0)
        _stopped = True


def stop_at(deadline: float | None) -> None:
    """Set when `due` turns true, on the clock of `time.monotonic()`."""
    global _deadline
    _deadline = deadline


def due() -> bool:
    """Whether the time that the user gave the run is over."""
    return _deadline is not None and time.monotonic() >= _deadline


def stopped() -> bool:
    """Whether a `StopTraining` was raised in this process."""
    return _stopped
