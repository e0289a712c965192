"""The cap on the time for proofs: seconds of the processor, so that a busy machine does not change
the diagnosis, but never much more than that on the wall."""

from __future__ import annotations

import math
import time

GRANTED = 1.0
"""Share of the cap that is granted once a cure has been found, to prove each of its members."""

PATIENCE = 3.0
"""Times the cap that may pass on the wall: a user who asked for a minute does not wait for ten."""


class Clock:
    """Runs from when it is made."""

    def __init__(self, cap: float = math.inf) -> None:
        self._cap, self._granted = cap, False
        self._processor, self._wall = time.process_time(), time.monotonic()

    def grant(self) -> None:
        """Let go on, once, for as long again: what was found in time is not lost for want of its proof."""
        if not self._granted:
            self._granted = True
            self._cap *= 1 + GRANTED

    @property
    def share(self) -> float:
        """Share of the cap that has passed, on whichever clock is further."""
        processor = time.process_time() - self._processor
        wall = (time.monotonic() - self._wall) / PATIENCE
        return max(processor, wall) / max(self._cap, 1e-9)

    @property
    def over(self) -> bool:
        """Whether the cap has passed."""
        return self.share > 1.0
