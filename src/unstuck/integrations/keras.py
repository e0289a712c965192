"""A callback of Keras (on torch): ``model.fit(X, y, callbacks=[Unstuck()])``."""

from __future__ import annotations

from typing import Any

import keras  # type: ignore[import-untyped,unused-ignore]

from unstuck.integrations.watching import Watching
from unstuck.python.diagnosis import Diagnosis


class Unstuck(keras.callbacks.Callback):  # type: ignore[misc,name-defined,unused-ignore]
    """Diagnoses the training that it is given to. It watches from where it is built; that is best done in the call of `fit`.

    show: print the report when the training ends; budget, seeds, random_state: as of ``unstuck.diagnose``.
    `diagnosis` is what was found, None before the end.
    """

    def __init__(self, *, show: bool = True, **asked: Any) -> None:
        super().__init__()
        self._watching = Watching(show=show, **asked)
        self._watching.begin()

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found."""
        return self._watching.diagnosis

    def on_train_end(self, logs: Any = None) -> None:
        """Close the watch, and tell."""
        self._watching.end()
