"""Normalisation over the batch: by which statistics it is done, and the same network with others."""

from __future__ import annotations

import dataclasses

from unstuck.core.setup import Json, Op, Setup
from unstuck.core.transform.dropout import DROPS, without_dropout
from unstuck.core.transform.program import with_ops
from unstuck.core.transform.unchangeable import Unchangeable

BATCH_NORM = (
    "input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps",
)  # fmt: skip
"""What ``torch.nn.functional.batch_norm`` takes, in order."""

USUAL = {"training": False, "momentum": 0.1, "eps": 1e-5}


def norm_arguments(op: Op) -> dict[str, Json] | None:
    """Return the arguments of a normalisation over the batch by name, None for other operations."""
    if op.name != "torch.nn.functional.batch_norm":
        return None
    given = dict(zip(BATCH_NORM, op.args, strict=False)) | op.kwargs
    return {**dict.fromkeys(BATCH_NORM), **USUAL, **given}


def by_batch(op: Op) -> bool:
    """Whether an operation normalises by the statistics of the batch that it is given."""
    given = norm_arguments(op)
    return given is not None and bool(given["training"])


def by_fixed(op: Op) -> bool:
    """Whether an operation normalises by statistics that training does not change."""
    given = norm_arguments(op)
    return given is not None and not given["training"]


def in_training_mode(setup: Setup) -> Setup:
    """Normalise by the batch's own statistics, and drop at random: what ``train()`` switches on."""
    if not any(by_fixed(op) for op in setup.program.ops):
        raise Unchangeable("nothing is normalised by statistics that stay as they are")
    return with_ops(setup, tuple(_switched_on(op) for op in setup.program.ops))


def as_ended(setup: Setup) -> Setup:
    """Return the network as its last steps ran it: in evaluation mode where it was left in it."""
    if not setup.loop.evaluates:
        return setup
    ops = tuple(_by_gathered(op) if by_batch(op) else op for op in setup.program.ops)
    loop = dataclasses.replace(setup.loop, evaluates=0)
    return dataclasses.replace(without_dropout(with_ops(setup, ops)), loop=loop)


def _by_gathered(op: Op) -> Op:
    return _called(op, op.name, training=False)


def _switched_on(op: Op) -> Op:
    if by_fixed(op):
        return _called(op, "torch.nn.functional.batch_norm", training=True)
    if op.short in DROPS and "training" in op.kwargs:
        return dataclasses.replace(op, kwargs={**op.kwargs, "training": True})
    if op.short in DROPS and len(op.args) > 2:
        return dataclasses.replace(op, args=(*op.args[:2], True, *op.args[3:]))
    return op


def within_rows(setup: Setup) -> Setup:
    """Normalise each row by its own statistics, over all of its features, wherever the batch's were used."""
    if not any(by_batch(op) for op in setup.program.ops):
        raise Unchangeable("nothing is normalised by statistics of the batch")
    return with_ops(setup, tuple(_by_row(op) if by_batch(op) else op for op in setup.program.ops))


def _by_row(op: Op) -> Op:
    """Return a group norm of one group, which is a layer norm that scales and shifts by channel."""
    given = norm_arguments(op)
    assert given is not None
    args = (given["input"], 1, given["weight"], given["bias"], given["eps"])
    return dataclasses.replace(op, name="torch.nn.functional.group_norm", args=args, kwargs={})


def _called(op: Op, name: str, **changed: Json) -> Op:
    given = norm_arguments(op)
    assert given is not None
    args = tuple(({**given, **changed})[key] for key in BATCH_NORM)
    return dataclasses.replace(op, name=name, args=args, kwargs={})
