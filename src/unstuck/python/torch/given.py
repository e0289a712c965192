"""What was given beside the model, as things to train with: rows, a loss, an optimizer of the copy."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unstuck.python.undiagnosable import Undiagnosable
from unstuck.solver.losses import NAMED, fitting, resolved
from unstuck.solver.rows import taken
from unstuck.solver.unsolvable import Unsolvable

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}
"""Update rules by name, with torch's own settings."""

RATE = 1e-3
"""The learning rate of an optimizer that is given as a name or a class: Adam's default, in torch too."""

CHUNK = 1024
"""Rows that the model is shown at once to see what it gives, to bound memory."""

Compare = Callable[[Tensor, Tensor], Tensor]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A copy of the model with all that its training takes.

    X (n, …), y (n, …): on the processor, floating point in the model's own precision; compare: the loss of
    outputs and targets; taken: what was chosen because it was not given, name -> sentence.
    """

    model: nn.Module
    X: Tensor
    y: Tensor
    compare: Compare
    optimizer: torch.optim.Optimizer
    taken: dict[str, str]


def given(model: nn.Module, X: Any, y: Any, loss: Any, optimizer: Any) -> Given:
    """Return what was given, copied and checked. Raises Undiagnosable with one sentence."""
    copied, stepping = _copied(model, optimizer)
    try:
        rows = taken(X, y)
        like = _precision(copied)
        inputs = rows.inputs.to(like) if rows.inputs.is_floating_point() else rows.inputs
        outputs = _outputs(copied, inputs)
        targets = rows.targets.to(like) if rows.targets.is_floating_point() else rows.targets
        compare, targets, why = _loss(
            loss, rows.targets, targets, outputs, lambda: _redrawn(copied, inputs), like
        )
    except Unsolvable as reason:
        raise Undiagnosable(str(reason)) from reason
    _refuse(compare, outputs, targets)
    stepping, chosen = _optimizer(stepping, copied)
    return Given(copied, inputs, targets, compare, stepping, {**why, **chosen})


def _copied(model: nn.Module, optimizer: Any) -> tuple[nn.Module, Any]:
    """Return copies of both that belong together, as the originals do."""
    held = isinstance(optimizer, torch.optim.Optimizer)
    try:
        copied, stepping = copy.deepcopy((model, optimizer if held else None))
    except Exception as error:
        raise Undiagnosable(
            f"the model cannot be copied ({error}); give one that copy.deepcopy takes, such as a new one."
        ) from error
    if not any(True for _ in copied.parameters()):
        raise Undiagnosable("the model has no parameters that could be trained.")
    copied = copied.cpu()
    for parameter in copied.parameters():
        parameter.grad = None
    return copied.train(), stepping if held else optimizer


def _precision(model: nn.Module) -> torch.dtype:
    floats = (p.dtype for p in model.parameters() if p.is_floating_point())
    return next(floats, torch.get_default_dtype())


def _outputs(model: nn.Module, inputs: Tensor) -> Tensor:
    """Return what the model makes of the rows (n, …), as it is used, leaving it as it is."""
    looked = copy.deepcopy(model).eval()
    try:
        with torch.no_grad():
            parts = [looked(inputs[at : at + CHUNK]) for at in range(0, len(inputs), CHUNK)]
    except Exception as error:
        why = " ".join(str(error).split())[:200]
        raise Undiagnosable(
            f"the model does not take X of shape {_shape(inputs)}: {why}"
        ) from error
    if not isinstance(parts[0], Tensor):
        raise Undiagnosable(
            f"the model gives a {type(parts[0]).__name__} and not a tensor; record your own loop with"
            " unstuck.watch()."
        )
    if parts[0].ndim == 0 or len(parts[0]) != min(len(inputs), CHUNK):
        raise Undiagnosable(
            f"the model makes {_shape(parts[0])} of {min(len(inputs), CHUNK)} rows; it has to give one"
            " output for each row."
        )
    return torch.cat(parts)


def _redrawn(model: nn.Module, inputs: Tensor) -> list[Tensor]:
    """Return what it makes of the rows under other weights, to tell what it is bound to from what it does."""
    found = []
    for spread in (1.0, 1.0, 3.0):
        drawn = copy.deepcopy(model)
        with torch.no_grad():
            for parameter in drawn.parameters():
                if parameter.is_floating_point():
                    parameter.normal_(0.0, spread)
        found.append(_outputs(drawn, inputs))
    return found


def _loss(
    loss: Any,
    exact: Tensor,
    targets: Tensor,
    outputs: Tensor,
    others: Callable[[], list[Tensor]],
    like: torch.dtype,
) -> tuple[Compare, Tensor, dict[str, str]]:
    """Return the loss, the targets as it wants them, and what was chosen."""
    if callable(loss):
        own = copy.deepcopy(loss).cpu() if isinstance(loss, nn.Module) else loss
        return own, targets, {}
    found = resolved(loss, exact, [made.double() for made in (outputs, *others())])
    few = fitting(found, exact, outputs)
    shaped = few.to(like) if few.is_floating_point() else few
    why = {} if loss is not None else {"loss": f"no loss was given: {found.name} was {found.why}"}
    return NAMED[found.name][1], shaped, why


def _refuse(compare: Compare, outputs: Tensor, targets: Tensor) -> None:
    """Raise Undiagnosable where the loss cannot be had of the first rows."""
    outputs, few = outputs[:CHUNK], targets[:CHUNK]
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the training says it once
            loss = compare(outputs, few)
    except Exception as error:
        why = " ".join(str(error).split())[:200]
        raise Undiagnosable(
            f"the loss does not take outputs of shape {_shape(outputs)} and targets of shape"
            f" {_shape(few)} ({few.dtype}): {why}"
        ) from error
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        raise Undiagnosable(
            f"the loss gives {_shape(loss) if isinstance(loss, Tensor) else type(loss).__name__} and not a"
            " single number; use one that takes the mean, such as reduction='mean'."
        )


def _optimizer(wanted: Any, model: nn.Module) -> tuple[torch.optim.Optimizer, dict[str, str]]:
    """Return the optimizer of the copy, and a sentence where none was given."""
    trained = [p for p in model.parameters() if p.requires_grad]
    if isinstance(wanted, torch.optim.Optimizer):
        return wanted, {}
    if not trained:
        raise Undiagnosable(
            "no parameter of the model takes a gradient: requires_grad is off for all."
        )
    if wanted is None:
        why = f"no optimizer was given: Adam with a learning rate of {RATE:g} was taken"
        return torch.optim.Adam(trained, lr=RATE), {"optimizer": why}
    if isinstance(wanted, str) and wanted.lower() in OPTIMIZERS:
        return _built(OPTIMIZERS[wanted.lower()], trained)
    if inspect.isclass(wanted) and issubclass(wanted, torch.optim.Optimizer):
        return _built(wanted, trained)
    made = wanted(trained) if callable(wanted) else None
    if not isinstance(made, torch.optim.Optimizer):
        raise Undiagnosable(
            f"optimizer={wanted!r} is none; give a torch optimizer of this model, a function that makes one"
            f" of parameters, or one of {', '.join(OPTIMIZERS)}."
        )
    return made, {}


def _built(
    kind: type[torch.optim.Optimizer], trained: list[nn.Parameter]
) -> tuple[torch.optim.Optimizer, dict[str, str]]:
    made = kind(trained, lr=RATE)  # type: ignore[call-arg]
    return made, {"optimizer": f"no learning rate was given: {RATE:g} was taken"}


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))
