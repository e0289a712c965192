"""Dropout: which operations drop, how much, and the same network with less of it or none."""

from __future__ import annotations

import dataclasses

from unstuck.core.setup import Json, Op, Setup
from unstuck.core.transform.program import with_ops
from unstuck.core.transform.unchangeable import Unchangeable

DROPS = frozenset(
    {"dropout", "dropout_", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout",
     "alpha_dropout_", "feature_dropout", "feature_dropout_", "feature_alpha_dropout",
     "feature_alpha_dropout_"}
)  # fmt: skip
"""Functions that drop at random; all take (input, p, training)."""

USUAL = 0.5  # torch's default p


def dropped(op: Op) -> float:
    """Return the share of numbers that an operation drops; 0 where it drops none."""
    if op.short not in DROPS or not _given(op, 2, ("training", "train"), True):
        return 0.0
    p = _given(op, 1, ("p",), USUAL)
    return float(p) if isinstance(p, int | float) else 0.0


def without_dropout(setup: Setup) -> Setup:
    """Return the network as it is used and judged: nothing is dropped. The same setup if nothing was."""
    if not any(dropped(op) for op in setup.program.ops):
        return setup
    return with_ops(setup, tuple(_with(op, 0.0) for op in setup.program.ops))


def with_dropout(setup: Setup, most: float) -> Setup:
    """Drop at most this share wherever something is dropped."""
    if not any(dropped(op) > most for op in setup.program.ops):
        raise Unchangeable(f"nothing is dropped with a probability above {most:g}")
    return with_ops(setup, tuple(_with(op, most) for op in setup.program.ops))


def _with(op: Op, most: float) -> Op:
    """Return the operation with this p where it drops more; with none it is out of training."""
    if dropped(op) <= most:
        return op
    rest = {k: v for k, v in op.kwargs.items() if k not in {"p", "training", "train"}}
    values = op.args[0] if op.args else rest.pop("input")
    return dataclasses.replace(op, args=(values, most, most > 0, *op.args[3:]), kwargs=rest)


def _given(op: Op, position: int, names: tuple[str, ...], usual: Json) -> Json:
    if len(op.args) > position:
        return op.args[position]
    return next((op.kwargs[name] for name in names if name in op.kwargs), usual)
