"""What one descent from one start came to, and when it is to end."""

from __future__ import annotations

import dataclasses
import time
from typing import Literal

from torch import Tensor

End = Literal["target", "converged", "steps", "time"]
"""Why a descent ended: at its target, at a minimum, at its most steps, or when its time was up."""


@dataclasses.dataclass(frozen=True, slots=True)
class Until:
    """When a descent ends. target: a loss; steps: at most so many; deadline: of `time.monotonic`."""

    target: float
    steps: int
    deadline: float

    def end(self, loss: float, steps: int) -> End | None:
        """Return why a descent ends here, None where it goes on."""
        if loss <= self.target:
            return "target"
        if steps >= self.steps:
            return "steps"
        return "time" if time.monotonic() >= self.deadline else None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """A vector (p,) of weights and its loss, and what it cost.

    steps: updates made; evaluations: passes through the network over all rows, those of gradients and
    Jacobians included; flops: floating-point operations by `unstuck.solver.flops`.
    """

    vector: Tensor
    loss: float
    steps: int
    evaluations: int
    flops: float
    end: End
