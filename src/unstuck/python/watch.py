"""`with unstuck.watch() as w:` around any training loop, and `w.diagnose()` once something was trained."""

from __future__ import annotations

from types import ModuleType, TracebackType
from typing import Any

from unstuck.core.options import Options
from unstuck.core.recording import Recording
from unstuck.python.diagnosis import Diagnosis
from unstuck.python.fresh import diagnosed
from unstuck.python.options import options
from unstuck.python.undiagnosable import Undiagnosable
from unstuck.record.observer import PERCEPTRONS
from unstuck.runner.imports import when_imported

NOTHING = (
    "nothing was trained while it was watched; run the loop inside of `with unstuck.watch() as w:`, on the"
    " thread that opens it"
)

_open: list[Watch] = []


def watch() -> Watch:
    """Return what records the trainings by torch, and the perceptrons fitted by scikit-learn, inside its block.

    ``with unstuck.watch() as w:`` disturbs nothing: weights, random states and what is printed are the same with it.
    Build the model and the optimizer inside of it, too, where you can: then findings point at their lines.
    """
    return Watch()


class Watch:
    """A stretch of the program that is watched; `diagnose` may be asked at any time, also within it."""

    def __init__(self) -> None:
        self._torch: Any = None
        self._sklearn: Any = None
        self._kept: Recording | None = None
        self._ended = False

    def __enter__(self) -> Watch:
        if _open:
            raise Undiagnosable("a watch is open already; one at a time can watch.")
        if self._ended:
            raise Undiagnosable("this watch is over; open another one with unstuck.watch().")
        _open.append(self)
        try:
            when_imported("torch", self._torch_came)
            when_imported(PERCEPTRONS, self._sklearn_came)
        except BaseException:
            self._close("raised")
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close("finished" if kind is None else "raised")

    def diagnose(
        self, *, budget: str | float = "60s", seeds: int = 64, random_state: int = 0
    ) -> Diagnosis:
        """Say whether what was trained so far learned, and if not, why; as `unstuck.diagnose` does.

        Of several trainings it is the longest, the last of equals. Raises Undiagnosable where there was none.
        """
        wanted: Options = options(budget, seeds, random_state)
        return diagnosed(self.recorded(), wanted)

    def recorded(self) -> Recording:
        """Return the recording of what was trained so far; raises Undiagnosable where there is none."""
        recording = self._kept if self._ended else self._so_far("killed")
        if recording is None:
            raise Undiagnosable(f"{NOTHING}.")
        return recording

    def _torch_came(self, module: ModuleType) -> None:
        if self in _open:
            from unstuck.python.torch.watching import attached

            self._torch = attached()

    def _sklearn_came(self, module: ModuleType) -> None:
        if self in _open:
            from unstuck.record.sklearn.watcher import Watcher

            self._sklearn = Watcher()
            self._sklearn.attach(module)

    def _close(self, how: str) -> None:
        _open.remove(self)
        self._ended = True
        if self._torch is not None:
            self._torch.finish()
        if self._sklearn is not None:
            self._sklearn.detach()
        self._kept = self._so_far(how)
        self._torch = self._sklearn = None

    def _so_far(self, how: str) -> Recording | None:
        """Return what was recorded: by torch, if anything was trained by it."""
        found = None
        if self._torch is not None:
            from unstuck.python.torch.watching import so_far

            found = so_far(self._torch, how)
        if found is None and self._sklearn is not None:
            from unstuck.record.sklearn.session import recording

            found = recording(self._sklearn, {"how": how}, keep_data=True)
        return found
