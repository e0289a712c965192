"""The loss that is to be made small: the user's own, one by name, or the one that the targets ask for."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from unstuck.solver.unsolvable import Unsolvable
from unstuck.theory.problem import Kind

LossFunction = Callable[[Tensor, Tensor], Tensor]

NAMED: dict[str, tuple[Kind, LossFunction]] = {
    "mse": ("squares", functional.mse_loss),
    "mae": ("absolute", functional.l1_loss),
    "huber": ("other", functional.huber_loss),
    "bce": ("binary", functional.binary_cross_entropy),
    "bce_logits": ("binary_logits", functional.binary_cross_entropy_with_logits),
    "cross_entropy": ("classes", functional.cross_entropy),
    "nll": ("classes", functional.nll_loss),
}
"""Losses by name: what they measure, and torch's function."""

MODULES: dict[type[nn.Module], str] = {
    nn.MSELoss: "mse",
    nn.L1Loss: "mae",
    nn.BCELoss: "bce",
    nn.BCEWithLogitsLoss: "bce_logits",
    nn.CrossEntropyLoss: "cross_entropy",
    nn.NLLLoss: "nll",
}

SUM = 1e-6  # how near to 1 shares have to add up: float32 adds ten of them to 1e-7


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """A loss of outputs (n, …) and targets (n, …).

    kind: what it measures, as in `unstuck.theory.problem.Task`; why: who chose it, in words.
    """

    name: str
    kind: Kind
    of: LossFunction
    why: str


def resolved(given: Any, targets: Tensor, outputs: Sequence[Tensor]) -> Loss:
    """Return the loss that was given, by name, as a torch module or function, or chosen by the targets.

    outputs: what the network made of the rows under several draws of its weights.
    """
    if given is None:
        name, why = _chosen(targets, outputs)
        return Loss(name, NAMED[name][0], NAMED[name][1], f"chosen, since {why}")
    if isinstance(given, str):
        if given not in NAMED:
            raise Unsolvable(
                f"loss={given!r} is not known; give one of {', '.join(NAMED)}, or a torch loss."
            )
        return Loss(given, NAMED[given][0], NAMED[given][1], "as asked for")
    if not callable(given):
        raise Unsolvable(
            f"loss={given!r} can't be called; give a name, a torch module or a function of outputs and targets."
        )
    return _given(given)


def _given(given: Callable[..., Tensor]) -> Loss:
    if isinstance(given, nn.Module):
        given = copy.deepcopy(given).to("cpu", torch.float64)
        known = MODULES.get(type(given))
        plain = known is not None and _plain(given)
        kind: Kind = NAMED[known][0] if known is not None and plain else "other"
        return Loss(known or type(given).__name__, kind, _averaged(given), "as given")
    for name, (kind, function) in NAMED.items():
        if given is function:
            return Loss(name, kind, function, "as given")
    return Loss(getattr(given, "__name__", "loss"), "other", _averaged(given), "as given")


def _plain(module: nn.Module) -> bool:
    """Whether a loss module has no weights or smoothing that would change its minimum."""
    weights = (getattr(module, name, None) for name in ("weight", "pos_weight"))
    smooth = getattr(module, "label_smoothing", 0.0)
    ignored = getattr(module, "ignore_index", -100)
    return all(weight is None for weight in weights) and smooth == 0.0 and ignored == -100


def _averaged(given: Callable[..., Tensor]) -> LossFunction:
    """Return a loss that is one number also where the given one makes one a row."""

    def of(outputs: Tensor, targets: Tensor) -> Tensor:
        return given(outputs, targets).mean()

    return of


def _chosen(targets: Tensor, outputs: Sequence[Tensor]) -> tuple[str, str]:
    """Return the name of the loss that targets and outputs ask for, and why."""
    made = outputs[0]
    whole = not targets.is_floating_point() or bool((targets == targets.round()).all())
    wide = made.ndim == 2 and made.shape[1] > 1
    flat = targets.reshape(len(targets), -1)
    if (
        wide
        and flat.shape[1] == 1
        and whole
        and 0 <= int(flat.min()) <= int(flat.max()) < made.shape[1]
    ):
        if all(bool((out.exp().sum(1) - 1).abs().max() <= SUM) for out in outputs):
            return "nll", "targets are classes and the network ends in log-probabilities"
        return "cross_entropy", f"targets are classes and the network has {made.shape[1]} outputs"
    if flat.numel() == made.numel() and bool(((flat == 0) | (flat == 1)).all()):
        if all(bool(((out >= 0) & (out <= 1)).all()) for out in outputs):
            return "bce", "targets are 0 or 1 and the network ends in probabilities"
        return "bce_logits", "targets are 0 or 1 and the network's outputs are not held in 0 to 1"
    return "mse", "targets are values"


def fitting(loss: Loss, targets: Tensor, output: Tensor) -> Tensor:
    """Return the targets in the shape and type that the loss wants beside an output (n, …).

    Raises Unsolvable where no reading of their shape makes sense, or where values are out of range.
    """
    if loss.kind == "classes" and targets.numel() == len(output):
        return _classes(targets, output)
    if targets.numel() != output.numel():
        if loss.kind == "other":  # it may know what to do with them
            return targets
        raise Unsolvable(
            f"the network makes {tuple(output.shape)} of X and y has shape {tuple(targets.shape)};"
            f" {loss.name} compares them entry by entry, so give y with {output.numel():,} entries."
        )
    shaped = targets.reshape(output.shape).double()
    if loss.kind in {"binary", "binary_logits"} and not bool(((shaped >= 0) & (shaped <= 1)).all()):
        low, high = float(shaped.min()), float(shaped.max())
        raise Unsolvable(
            f"y lies between {low:g} and {high:g} and {loss.name} wants 0 to 1; encode the two classes as 0 and 1."
        )
    return shaped


def _classes(targets: Tensor, output: Tensor) -> Tensor:
    flat = targets.reshape(-1)
    if output.ndim != 2 or output.shape[1] < 2:
        raise Unsolvable(
            f"the network makes {tuple(output.shape)} of X and a loss over classes wants one column for"
            " each class; end the network in as many outputs, or use bce_logits for two classes."
        )
    if bool((flat != flat.round()).any()) or flat.min() < 0 or flat.max() >= output.shape[1]:
        raise Unsolvable(
            f"y holds classes from {float(flat.min()):g} to {float(flat.max()):g} and the network has"
            f" {output.shape[1]} outputs; number the classes 0 to {output.shape[1] - 1}."
        )
    return flat.long()
