"""When a watched script is to be saved, and when to be ended."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from unstuck.record.torch.guard import Guard, Guarded
from unstuck.runner.stop import due, now

SAVE_SECONDS = 5.0
"""A long run is saved this often, so that one that is killed can still be diagnosed."""

LOOK_SECONDS = 0.05
"""How often a step looks whether the time for the run is over, or for saving it has come."""


class Clock:
    """Looks at the time after an update; most updates cost it one comparison."""

    def __init__(self, recorder: Guarded, save: Callable[[], None], stop_after: int | None) -> None:
        self._recorder, self._save = recorder, save
        self._last = math.inf if stop_after is None else stop_after
        self._look_at = 0.0
        self._save_at = time.monotonic() + SAVE_SECONDS

    def tick(self, step: int, time_now: float) -> None:
        """End the script here if that was asked for, after so many updates or so long; save now and then."""
        if step >= self._last:
            now()
        if time_now <= self._look_at:
            return
        self._look_at = time_now + LOOK_SECONDS
        if due():
            now()
        if time_now > self._save_at:
            self._save_at = math.inf
            with Guard(self._recorder, spoils=False):
                self._save()
            saved = time.monotonic()
            self._save_at = saved + max(SAVE_SECONDS, 20 * (saved - time_now))
