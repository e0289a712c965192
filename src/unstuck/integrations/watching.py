"""What the callbacks share: a watch that is opened once, closed once, and then asked."""

from __future__ import annotations

import sys
from typing import Any

from unstuck.python.diagnosis import Diagnosis
from unstuck.python.undiagnosable import Undiagnosable
from unstuck.python.watch import Watch, watch


class Watching:
    """A watch around one training. show: whether the report is printed (to stderr) when it ends; asked: of `Watch.diagnose`."""

    def __init__(self, *, show: bool = True, **asked: Any) -> None:
        self.show, self.asked = show, asked
        self.watch: Watch | None = None
        self.diagnosis: Diagnosis | None = None

    def begin(self) -> None:
        """Open a watch, unless it is open."""
        if self.watch is None:
            self.watch = watch().__enter__()

    def end(self) -> None:
        """Close it, and say what is wrong; a training that cannot be diagnosed is one line and no error."""
        if self.watch is None:
            return
        closed, self.watch = self.watch, None
        closed.__exit__(None, None, None)
        try:
            self.diagnosis = closed.diagnose(**self.asked)
        except (Undiagnosable, RuntimeError) as reason:
            sys.stderr.write(f"unstuck: {reason}\n")
            return
        if self.show:
            self.diagnosis.show(sys.stderr)
