"""The problem as it is solved: standardised rows, equal ones joined, and the loss over a vector of weights."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor, nn

from unstuck.solver.losses import Loss
from unstuck.solver.network import Network, network
from unstuck.solver.scaling import NOTHING, Scaling
from unstuck.theory.groups import equal_rows


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """Standardised rows and the loss that is made small on them.

    inputs (g, …), targets, shares (g,): each row's weight in the loss, 1 in all. The user's loss is
    unit · (the loss here) + rest: for squares, rows with equal inputs are joined into one with their
    mean target, and `rest` is what no function of the inputs can remove.
    """

    network: Network
    inputs: Tensor
    targets: Tensor
    shares: Tensor
    loss: Loss
    unit: float
    rest: float

    @property
    def squares(self) -> bool:
        """Whether the loss is a mean of squares."""
        return self.loss.kind == "squares"

    @property
    def residual_count(self) -> int:
        """Number of residuals: rows times outputs."""
        return self.targets.numel()

    def of(self, outputs: Tensor) -> Tensor:
        """Return the loss, in the units of the solving, of outputs for `inputs`."""
        if self.squares:
            return self._weighed(outputs).square().sum()
        return self.loss.of(outputs, self.targets)

    def _weighed(self, outputs: Tensor) -> Tensor:
        error = (outputs - self.targets).reshape(len(self.inputs), -1)
        return error * (self.shares / error.shape[1]).sqrt()[:, None]

    def residuals(self, vector: Tensor) -> Tensor:
        """Return the residuals (m,) whose sum of squares is the loss, for squares only."""
        with torch.no_grad():
            return self._weighed(self.network.outputs(vector, self.inputs)).reshape(-1)

    def jacobian(self, vector: Tensor) -> Tensor:
        """Return the derivatives (m, p) of the residuals."""
        found = self.network.jacobian(vector, self.inputs)
        outputs = len(found) // len(self.inputs)
        root = (self.shares / outputs).sqrt().repeat_interleave(outputs)
        return found * root[:, None]

    def loss_and_gradient(self, vector: Tensor) -> tuple[float, Tensor]:
        """Return the loss and its gradient (p,), in the units of the solving."""
        return self.network.loss_and_gradient(vector, self.inputs, self.of)

    def batch(self, vector: Tensor, taken: Tensor | None) -> tuple[float, Tensor]:
        """Return loss and gradient over some rows (b,), all of them where None."""
        if taken is None:
            return self.loss_and_gradient(vector)
        shares = self.shares[taken] / self.shares[taken].sum()
        part = dataclasses.replace(
            self, inputs=self.inputs[taken], targets=self.targets[taken], shares=shares
        )
        return part.loss_and_gradient(vector)

    def value(self, vector: Tensor) -> float:
        """Return the loss, in the units of the solving."""
        with torch.no_grad():
            return float(self.of(self.network.outputs(vector, self.inputs)))

    def here(self, loss: float) -> float:
        """Return a loss of the user's in the units of the solving."""
        return (loss - self.rest) / self.unit

    def users(self, loss: float) -> float:
        """Return a loss of the solving in the user's units."""
        return self.unit * loss + self.rest


def posed(
    module: nn.Module, inputs: Tensor, targets: Tensor, loss: Loss, scaling: Scaling
) -> Posed:
    """Return the problem of a network in float64 over raw rows."""
    made, rows = network(module), inputs
    if inputs.is_floating_point():
        rows = scaling.inputs.there(inputs).to(made.dtype)
    even = torch.full((len(rows),), 1 / len(rows), dtype=torch.float64)
    if loss.kind != "squares":
        return Posed(made, rows, targets, even, _of_standardised(loss, scaling), 1.0, 0.0)
    unit = float(loss.of(targets + 1, targets))  # n·k where the loss adds up, else 1
    aim = scaling.targets.there(targets)
    scale = float(scaling.targets.scale)
    kept, mean, counts = _joined(inputs, aim)
    within = float((aim - mean[counts.group]).square().mean())
    unit *= scale**2
    return Posed(made, rows[kept], mean, counts.shares, loss, unit, unit * within)


def _of_standardised(loss: Loss, scaling: Scaling) -> Loss:
    """Return a loss that reads a network's standardised outputs, and raw targets."""
    by = scaling.targets
    if by is NOTHING:
        return loss
    return dataclasses.replace(loss, of=lambda made, targets: loss.of(by.back(made), targets))


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    group: Tensor
    shares: Tensor


def _joined(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, _Counts]:
    """Return the first row of each group of equal inputs, their mean targets, and the groups."""
    flat = inputs.reshape(len(inputs), -1).numpy()
    group = torch.from_numpy(np.asarray(equal_rows(flat)))
    number = int(group.max()) + 1
    counts = torch.bincount(group, minlength=number).double()
    summed = torch.zeros((number, *targets.shape[1:]), dtype=torch.float64)
    summed.index_add_(0, group, targets)
    mean = summed / counts.reshape(-1, *[1] * (targets.ndim - 1))
    first = torch.full((number,), len(inputs)).scatter_reduce(
        0, group, torch.arange(len(inputs)), reduce="amin"
    )
    return first, mean, _Counts(group, counts / len(inputs))
