"""A program as a function of weights and rows.

Here belongs how one operation is executed again; how many networks at once is the caller's business
(everything here works under `torch.func.vmap` and `grad`).
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from unstuck.core.setup import Json, Op, Program
from unstuck.replay.functions import function_named
from unstuck.replay.recurrent import RECURRENT
from unstuck.replay.unreplayable import Unreplayable

Values = dict[int, Tensor]
Run = Callable[..., Values]
Step = Callable[[Values, int], None]


def interpret(program: Program) -> Run:
    """Return ``run(weights, rows, want=None) -> values``.

    weights: parameter slot -> tensor; rows: input and target slot -> (n, …); want: slots to return
    (None: all of them; operations that do not lead to a wanted slot are skipped). The loss is over
    exactly the rows that are given.
    """
    steps = [(_compiled(op), op) for op in program.ops]
    constants = {slot: torch.from_numpy(array) for slot, array in program.constants.items()}

    def run(
        weights: Mapping[int, Tensor],
        rows: Mapping[int, Tensor],
        want: tuple[int, ...] | None = None,
    ) -> Values:
        needed = None if want is None else _needed(program.ops, want)
        values: Values = {**constants, **weights, **rows}
        count = next((len(tensor) for tensor in rows.values()), 0)
        for index, (step, _) in enumerate(steps):
            if needed is None or index in needed:
                step(values, count)
        return values if want is None else {slot: values[slot] for slot in want}

    return run


def interpret_loss(program: Program) -> Callable[[Tensor, Mapping[int, Tensor]], Tensor]:
    """Return ``loss(prediction, rows) -> scalar``: what follows the prediction in the program.

    Raises Unreplayable if the loss reads weights or other intermediate values as well (a penalty).
    """
    ops = program.ops
    wanted = _needed(ops, (program.loss,), stop=program.prediction)
    given = {program.prediction, *program.targets, *program.inputs, *program.constants}
    made = {slot for index in wanted for slot in ops[index].outs}
    stray = {slot for index in wanted for slot in ops[index].slots()} - given - made
    if stray:
        raise Unreplayable("the loss depends on more than predictions and targets")
    steps = [_compiled(ops[index]) for index in sorted(wanted)]
    constants = {slot: torch.from_numpy(array) for slot, array in program.constants.items()}

    def loss(prediction: Tensor, rows: Mapping[int, Tensor]) -> Tensor:
        values: Values = {**constants, **rows, program.prediction: prediction}
        for step in steps:
            step(values, len(prediction))
        return values[program.loss]

    return loss


def _needed(ops: tuple[Op, ...], want: Iterable[int], stop: int | None = None) -> set[int]:
    """Return the indices of the operations that lead to the wanted slots (`stop` is taken as given)."""
    wanted, needed = set(want), set()
    for index in range(len(ops) - 1, -1, -1):
        outs = set(ops[index].outs) - {stop}
        if outs & wanted:
            needed.add(index)
            wanted.update(ops[index].slots())
    return needed


def _compiled(op: Op) -> Step:
    """Return a function that runs `op` on the values seen so far and adds its results to them."""
    function = _function(op)

    def step(values: Values, count: int) -> None:
        args = [_decoded(value, values, count) for value in op.args]
        kwargs = {key: _decoded(value, values, count) for key, value in op.kwargs.items()}
        out = function(*args, **kwargs)
        if isinstance(out, Tensor):
            values[op.outs[0]] = out
        else:
            tensors = [part for part in _flat(out) if isinstance(part, Tensor)]
            values.update(zip(op.outs, tensors, strict=False))

    return step


def _function(op: Op) -> Callable[..., Any]:
    """Return the torch function of `op`: pure, so in-place names give their pure twins."""
    if op.short == "batch_norm":
        return _batch_norm
    if op.name in RECURRENT:
        return RECURRENT[op.name]
    function = None
    if op.short.endswith("_") and not op.short.endswith("__"):
        function = function_named(op.name[:-1])
    elif op.short.startswith("__i") and op.short.endswith("__") and op.short != "__invert__":
        function = function_named(op.name.replace("__i", "__"))
    function = function or function_named(op.name)
    if function is None:
        raise Unreplayable(f"the operation {op.name} is not a public torch function")
    if "inplace" in op.kwargs:
        return lambda *args, **kwargs: function(*args, **{**kwargs, "inplace": False})
    return _quiet(function) if op.short in _WARNING else function


_WARNING = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"})
"""Losses that warn about shapes which do not agree: the script's own warning, told once already."""


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function without its warnings."""

    @functools.wraps(function)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*args, **kwargs)

    return quiet


def _batch_norm(
    values: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise; while training the running statistics are left alone, since they do not enter."""
    if training:
        running_mean = running_var = None
    return torch.nn.functional.batch_norm(
        values, running_mean, running_var, weight, bias, training, momentum, eps
    )


def _decoded(value: Json, values: Values, count: int) -> Any:
    """Turn a stored argument (see `core.setup`) into what torch takes."""
    if isinstance(value, list | tuple):
        return [_decoded(inner, values, count) for inner in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    match kind:
        case "slot":
            return values[content]
        case "rows":
            return count
        case "list":
            return [_decoded(inner, values, count) for inner in content]
        case "tuple":
            return tuple(_decoded(inner, values, count) for inner in content)
        case "slice":
            return slice(*(_decoded(inner, values, count) for inner in content))
        case "float":
            return float(content)
        case "dtype":
            return getattr(torch, content)
        case "device":
            return torch.device("cpu")
        case "ellipsis":
            return Ellipsis
    raise Unreplayable(f"an argument of kind {kind!r} cannot be read")


def _flat(value: Any) -> Iterable[Any]:
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _flat(inner)
    else:
        yield value
