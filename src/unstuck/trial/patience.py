"""Members of an ensemble that end by themselves, each at its own time, as scikit-learn's fits do."""

from __future__ import annotations

import torch
from torch import Tensor

from unstuck.core.setup import Patience, Setup
from unstuck.trial.compiled import Shapes


class Waiting:
    """Which members have ended; these keep their weights while the others are trained on."""

    def __init__(self, patience: Patience, decay: Tensor, members: int) -> None:
        self._patience, self._decay = patience, decay
        self._sum = torch.zeros(members)
        self._best = torch.full((members,), torch.inf)
        self._idle = torch.zeros(members)
        self._ended = torch.zeros(members, dtype=torch.bool)
        self._some = self.over = False

    def kept(self, before: Tensor, after: Tensor) -> Tensor:
        """Return the weights (M, P) after an update that those who have ended do not make."""
        return torch.where(self._ended[:, None], before, after) if self._some else after

    def passed(self, made: int, losses: Tensor, flat: Tensor) -> None:
        """Note the losses (M,) of an update's batch; at the end of a pass see who has had no gain for long."""
        self._sum = self._sum + losses
        if made % self._patience.per:
            return
        loss = self._sum / self._patience.per + 0.5 * (self._decay * flat * flat).sum(1)
        self._sum = torch.zeros_like(self._sum)
        idle = loss > self._best - self._patience.tol
        self._idle = torch.where(idle, self._idle + 1, torch.zeros_like(self._idle))
        self._best = torch.fmin(self._best, loss)
        self._ended |= self._idle > self._patience.passes
        self._some, self.over = bool(self._ended.any()), bool(self._ended.all())


def waiting(setup: Setup, shapes: Shapes, members: int) -> Waiting | None:
    """Return who ends when, None where every member makes all updates."""
    if setup.loop.patience is None:
        return None
    decay = shapes.each([float(g.get("weight_decay") or 0.0) for g in setup.optimizer.groups])
    return Waiting(setup.loop.patience, decay, members)
