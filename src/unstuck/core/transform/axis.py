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


def axis(op: Op) -> int | None:
    """Return the axis that an operation works along; None where it has none, or several."""
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


def _along(op: Op, dim: int) -> Op:
    if axis(op) is None:
        return op
    if "dim" in op.kwargs:
        return dataclasses.replace(op, kwargs={**op.kwargs, "dim": dim})
    args: list[Json] = list(op.args)
    args[LATER.get(op.short, 1)] = dim
    return dataclasses.replace(op, args=tuple(args))
