"""A callback of Lightning: ``Trainer(callbacks=[Unstuck()])``."""

from __future__ import annotations

from typing import Any

from unstuck.integrations.watching import Watching
from unstuck.python.diagnosis import Diagnosis

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:  # the package by its older name
    from pytorch_lightning.callbacks import Callback  # type: ignore[assignment,unused-ignore]


class Unstuck(Callback):  # type: ignore[misc,unused-ignore]
    """Diagnoses the training that it is given to. It watches from where it is built: build it before the module.

    show: print the report when the training ends; budget, seeds, random_state: as of ``unstuck.diagnose``.
    `diagnosis` is what was found, None before the end.
    """

    def __init__(self, *, show: bool = True, **asked: Any) -> None:
        self._watching = Watching(show=show, **asked)
        self._watching.begin()

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found."""
        return self._watching.diagnosis

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Close the watch, and tell."""
        self._watching.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Close the watch of a training that fails."""
        self._watching.end()
