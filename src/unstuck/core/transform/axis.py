"""The axis along which an operation works: read, and set to another one."""

from __future__ import annotations

import dataclasses

from unstuck.core.setup import Json, Op, Setup
from unstuck.core.transform.program import with_ops

ALONG = frozenset(
    {"softmax", "log_softmax", "softmin", "mean", "sum", "prod", "max", "min", "amax", "amin", "median",
     "std", "var", "norm", "logsumexp", "cumsum", "normalize", "glu"}
)  # fmt: skip
"""Operations that work along one axis, given as `dim`."""

LATER = {"normalize": 2, "norm": 2}
"""Where `dim` stands among the arguments, if not second."""


RECURRENT = frozenset({"lstm", "gru", "rnn_tanh", "rnn_relu"})
"""Layers that work along the time, which is the second axis where `batch_first` is set."""

BATCH_FIRST = 8
"""Where `batch_first` stands among their arguments."""


def axis(op: Op) -> int | None:
    """Return the axis that an operation works along; None where it has none, or several."""
    if op.short in RECURRENT and len(op.args) > BATCH_FIRST:
        return int(op.args[BATCH_FIRST] is True)
    if op.short not in ALONG:
        return None
    position = LATER.get(op.short, 1)
    given = op.kwargs.get("dim", op.args[position] if len(op.args) > position else None)
    if isinstance(given, dict):
        given = next(iter(given.values()))
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def with_axis(setup: Setup, slot: int, dim: int) -> Setup:
    """Let the operation that fills `slot` work along another axis; without such a one, nothing changes."""
    ops = tuple(_along(op, dim) if slot in op.outs else op for op in setup.program.ops)
    return with_ops(setup, ops)


def classes_within_rows(setup: Setup) -> Setup:
    """Let the logarithms of shares, which are there for the loss, be of each row's own classes."""
    for op in setup.program.ops:
        if op.short == "log_softmax" and axis(op) == 0:
            setup = with_axis(setup, op.outs[0], -1)
    return setup


def _along(op: Op, dim: int) -> Op:
    if axis(op) is None:
        return op
    if op.short in RECURRENT:
        return dataclasses.replace(
            op, args=(*op.args[:BATCH_FIRST], dim == 1, *op.args[BATCH_FIRST + 1 :])
        )
    if "dim" in op.kwargs:
        return dataclasses.replace(op, kwargs={**op.kwargs, "dim": dim})
    args: list[Json] = list(op.args)
    args[LATER.get(op.short, 1)] = dim
    return dataclasses.replace(op, args=tuple(args))
