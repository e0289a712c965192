"""Ends a script early and quietly, from within one of our hooks.

The exception is a `SystemExit` with status 0, because that is the one that python itself lets
pass without a word: at the top of the script, in a thread, in an asyncio task. Nothing is
installed in the script for it (no signal handler, no timer, no thread): an observer asks
`due()` whenever it is called anyway, and calls `now()`.
"""

import time
from _thread import get_ident
from typing import NoReturn

_main_thread = get_ident()
_deadline: float | None = None
_stopped = False


class StopTraining(SystemExit):
    """Unwinds the script; raised by `now`."""

    def __init__(self) -> None:
        """Leave with status 0, and remember that this was our doing."""
        global _stopped
        super().__init__(0)
        _stopped = True


def now() -> NoReturn:
    """End the script: an observer calls this once it has seen enough.

    In a thread only the thread ends, and it takes a plain `SystemExit` to end it quietly.
    """
    stopping = StopTraining()
    raise stopping if get_ident() == _main_thread else SystemExit(0)


def stop_at(deadline: float | None) -> None:
    """Set when `due` turns true, on the clock of `time.monotonic()`."""
    global _deadline
    _deadline = deadline


def due() -> bool:
    """Whether the time that the user gave the run is over."""
    return _deadline is not None and time.monotonic() >= _deadline


def stopped() -> bool:
    """Whether the script was told to end."""
    return _stopped
