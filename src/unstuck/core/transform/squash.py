"""The last sigmoid or softmax of a network: found, and taken out."""

from __future__ import annotations

import dataclasses

from unstuck.core.setup import Op, Setup
from unstuck.core.transform.program import reading
from unstuck.core.transform.unchangeable import Unchangeable

SQUASHES = frozenset({"sigmoid", "softmax"})
"""Operations that make numbers between 0 and 1."""

SHAPING = frozenset(
    {"squeeze", "unsqueeze", "view", "reshape", "flatten", "view_as", "reshape_as", "contiguous",
     "float", "clone", "clamp", "clip"}
)  # fmt: skip
"""Operations behind which a prediction is still what the last sigmoid or softmax made."""


LOGS = frozenset({"log_softmax", "logsigmoid"})
"""Operations that squash and take the logarithm: the first half of a loss written in two."""


def squasher(setup: Setup) -> Op | None:
    """Return the sigmoid or softmax that makes the prediction; None without one.

    Only changes of shape, and the first half of a loss (log_softmax), may stand behind it.
    """
    return next((op for op in ending(setup) if op.short.rstrip("_") in SQUASHES), None)


def ending(setup: Setup) -> tuple[Op, ...]:
    """Return the operations that end the network, the last one first, up to the first squash."""
    slot, found = setup.program.prediction, []
    for op in reversed(setup.program.ops):
        if slot not in op.outs:
            continue
        found.append(op)
        if op.short not in SHAPING | LOGS or not op.slots():
            break
        slot = op.slots()[0]
    return tuple(found)


def without_squash(setup: Setup) -> Setup:
    """Drop the sigmoid or softmax that makes the prediction; what read it reads its operand."""
    final = squasher(setup)
    if final is None:
        raise Unchangeable("the prediction does not come out of a sigmoid or softmax")
    before, after = final.slots()[0], final.outs[0]
    program = setup.program
    ops = tuple(reading(op, after, before) for op in program.ops if op is not final)
    prediction = before if program.prediction == after else program.prediction
    return dataclasses.replace(
        setup, program=dataclasses.replace(program, ops=ops, prediction=prediction)
    )
