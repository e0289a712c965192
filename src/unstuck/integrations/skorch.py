"""A callback of skorch: ``NeuralNetRegressor(Net, callbacks=[Unstuck()])``."""

from __future__ import annotations

from typing import Any

from skorch.callbacks import Callback  # type: ignore[import-untyped,unused-ignore]

from unstuck.integrations.watching import Watching
from unstuck.python.diagnosis import Diagnosis


class Unstuck(Callback):  # type: ignore[misc,unused-ignore]
    """Diagnoses each training of the net that it is given to, from where the net is initialised.

    show: print the report when the training ends; budget, seeds, random_state: as of ``unstuck.diagnose``.
    `diagnosis_` is what was found in the latest training, None before the end of one.
    """

    def __init__(
        self, *, show: bool = True, budget: str = "60s", seeds: int = 64, random_state: int = 0
    ) -> None:
        self.show, self.budget, self.seeds, self.random_state = show, budget, seeds, random_state

    def initialize(self) -> Unstuck:
        """Open the watch, before the module is built."""
        asked = {"budget": self.budget, "seeds": self.seeds, "random_state": self.random_state}
        self.watching_ = Watching(show=self.show, **asked)
        self.diagnosis_: Diagnosis | None = None
        self.watching_.begin()
        return self

    def on_train_end(self, net: Any, X: Any = None, y: Any = None, **kwargs: Any) -> None:
        """Close the watch, and tell."""
        self.watching_.end()
        self.diagnosis_ = self.watching_.diagnosis
