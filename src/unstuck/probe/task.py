"""What a loss measures, told by its behaviour: compared with known formulas on random predictions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from unstuck.theory.problem import Kind

Loss = Callable[[Tensor, Tensor | None], Tensor]

TRIES = 8  # random predictions on which a formula must agree up to one factor; of three all did by chance once in 300
AGREE = 1e-3  # relative; an epsilon inside a hand-written logarithm shows as less
ROWS = 256  # rows that are enough to tell

Formula = Callable[[Tensor, Tensor], Tensor]


@dataclasses.dataclass(frozen=True, slots=True)
class Recognised:
    """The kind of a loss; given: how raw predictions are turned into what it takes (classes only)."""

    kind: Kind
    given: Callable[[Tensor], Tensor]

    @property
    def logs(self) -> bool:
        """Whether the loss takes logarithms of shares."""
        return self.given is _log_shares

    @property
    def shares(self) -> bool:
        """Whether the loss takes shares of classes."""
        return self.given is _shares

    @property
    def raw(self) -> bool:
        """Whether the loss takes raw predictions as they are."""
        return self.given is _same


def _same(raw: Tensor) -> Tensor:
    return raw


def _log_shares(raw: Tensor) -> Tensor:
    return torch.log_softmax(raw, 1)


def _shares(raw: Tensor) -> Tensor:
    return torch.softmax(raw, 1)


def recognised(loss: Loss, prediction: Tensor, target: Tensor | None) -> Recognised:
    """Return what the loss measures: a multiple of a known formula, or ``other``."""
    if target is None:
        return Recognised("other", _same)
    index = torch.arange(min(len(prediction), ROWS))
    shape, target = prediction[index].shape, as_classes(prediction, target)[index]
    if target.numel() == prediction[index].numel():
        for kind, formula in _pointwise(target).items():
            if _agrees(loss, formula, _same, shape, target.reshape(shape).double(), index):
                return Recognised(kind, _same)
    if _classes(shape, target):
        for given in (_same, _log_shares, _shares):
            if _agrees(loss, _cross_entropy, given, shape, target, index):
                return Recognised("classes", given)
    return Recognised("other", _same)


def as_classes(prediction: Tensor, target: Tensor) -> Tensor:
    """Return whole numbers that stand for classes as numbers (n,) or as shares (n, k); others as they are."""
    if prediction.dim() != 2 or prediction.shape[1] < 2 or target.is_floating_point():
        return target
    if target.shape == (len(prediction), 1):
        return target.reshape(-1)
    one = target.shape == prediction.shape and bool((target >= 0).all())
    return target.float() if one and bool((target.sum(1) == 1).all()) else target


def _pointwise(target: Tensor) -> dict[Kind, Formula]:
    known: dict[Kind, Formula] = {"squares": functional.mse_loss, "absolute": functional.l1_loss}
    if bool(((target >= 0) & (target <= 1)).all()):
        known["binary"] = functional.binary_cross_entropy
        known["binary_logits"] = functional.binary_cross_entropy_with_logits
    return known


def _classes(shape: tuple[int, ...], target: Tensor) -> bool:
    """Whether predictions are one value a class, and targets class numbers or shares of classes."""
    if len(shape) != 2 or shape[1] < 2:
        return False
    if target.is_floating_point():
        return target.shape == shape and bool(torch.allclose(target.sum(1), torch.ones(())))
    return target.dim() == 1 and bool((target >= 0).all()) and int(target.max()) < shape[1]


def _cross_entropy(raw: Tensor, target: Tensor) -> Tensor:
    target = target.to(raw.dtype) if target.is_floating_point() else target.long()
    return functional.cross_entropy(raw, target)


def _agrees(
    loss: Loss,
    formula: Formula,
    given: Callable[[Tensor], Tensor],
    shape: tuple[int, ...],
    target: Tensor,
    index: Tensor,
) -> bool:
    """Whether loss and formula differ by one factor only. Predictions lie in (0, 1), to suit all."""
    random = torch.Generator().manual_seed(0)
    ratios = []
    for _ in range(TRIES):
        raw = torch.rand(shape, generator=random, dtype=torch.float64) * 0.9 + 0.05
        try:
            found = float(loss(given(raw), index))
        except RuntimeError:  # the loss takes the network's own precision only
            found = float(loss(given(raw.float()), index))
        ratios.append(found / float(formula(raw, target)))
    spread: Any = np.ptp(ratios)
    return bool(np.isfinite(ratios).all() and spread <= AGREE * abs(ratios[0]) and ratios[0] > 0)
