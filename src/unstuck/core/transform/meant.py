"""The loss that was meant, where it does not fit what it is given: each mend on its own."""

from __future__ import annotations

import dataclasses

import numpy as np

from unstuck.core.layers import VIEWS, ending
from unstuck.core.setup import Op, Program, Setup
from unstuck.core.transform.gradient import attached, cuts, severed
from unstuck.core.transform.network import without_end
from unstuck.core.transform.program import reading, with_ops
from unstuck.core.transform.squash import squasher
from unstuck.core.transform.unchangeable import Unchangeable


def negated(setup: Setup) -> Setup:
    """Train on the negative of the loss."""
    program = setup.program
    fresh = program.next_slot
    op = Op("torch.neg", ({"slot": program.loss},), {}, (fresh,))
    ops = (*program.ops, op)
    return dataclasses.replace(setup, program=dataclasses.replace(program, ops=ops, loss=fresh))


def descending(setup: Setup) -> Setup:
    """Go down the loss where the optimizer was told to climb."""
    groups = tuple({**group, "maximize": False} for group in setup.optimizer.groups)
    return dataclasses.replace(setup, optimizer=dataclasses.replace(setup.optimizer, groups=groups))


def with_log_shares(setup: Setup) -> Setup:
    """Give the loss logarithms of shares: log_softmax instead of softmax, or of raw scores."""
    squash = squasher(setup)
    if squash is None or squash.short != "softmax":
        return _behind_prediction(setup, "torch.log_softmax", 1)
    name = squash.name.replace("softmax", "log_softmax")
    ops = tuple(
        dataclasses.replace(op, name=name) if op is squash else op for op in setup.program.ops
    )
    return with_ops(setup, ops)


def logged(setup: Setup) -> Setup:
    """Give the loss the logarithm of the prediction, which stays what it is."""
    return _behind_prediction(setup, "torch.log")


def with_shares(setup: Setup) -> Setup:
    """Give the loss shares of classes: the softmax of the prediction, which stays what it is."""
    return _behind_prediction(setup, "torch.softmax", 1)


def with_sigmoid(setup: Setup) -> Setup:
    """Give the loss probabilities: the sigmoid of the prediction, which stays what it is."""
    return _behind_prediction(setup, "torch.sigmoid")


def _behind_prediction(setup: Setup, name: str, *more: int) -> Setup:
    """Put an operation between the prediction and everything that reads it."""
    program = setup.program
    old, fresh = program.prediction, program.next_slot
    made = next(i for i, op in enumerate(program.ops) if old in op.outs)
    op = Op(name, ({"slot": old}, *more), {}, (fresh,))
    before, after = program.ops[: made + 1], program.ops[made + 1 :]
    return with_ops(setup, (*before, op, *(reading(o, old, fresh) for o in after)))


def binary_targets(setup: Setup) -> Setup:
    """Bring two target values to 0 and 1, the smaller one to 0."""
    if not setup.program.targets:
        raise Unchangeable("the loss has no targets")
    slot = setup.program.targets[0]
    values = setup.data.rows[slot]
    low, high = values.min(), values.max()
    if len(np.unique(values)) != 2:
        raise Unchangeable("the targets do not have two values")
    rows = {**setup.data.rows, slot: ((values - low) / (high - low)).astype(values.dtype)}
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))


def yes_or_no(setup: Setup) -> Setup:
    """Use the cross-entropy of one logit a row instead of that over classes."""
    program: Program = setup.program
    found = [op for op in program.ops if op.short == "cross_entropy"]
    if len(found) != 1:
        return _of_one_logit(setup)
    name = "torch.nn.functional.binary_cross_entropy_with_logits"
    kept = {k: value for k, value in found[0].kwargs.items() if k in {"input", "target"}}
    new = dataclasses.replace(found[0], name=name, args=found[0].args[:2], kwargs=kept)
    return with_ops(setup, tuple(new if op is found[0] else op for op in program.ops))


def _of_one_logit(setup: Setup) -> Setup:
    """Compare the one number that a row has in front of a softmax with its target, as a logit."""
    end = ending(setup.program)
    if end is not None and end.short == "softmax":
        setup = without_end(setup)
    program = setup.program
    if len(program.targets) != 1:
        raise Unchangeable("the loss has no single target")
    made = next(i for i, op in enumerate(program.ops) if program.prediction in op.outs)
    slot, fresh = program.targets[0], program.next_slot
    kept = tuple(op for op in program.ops[: made + 1] if slot not in op.slots())
    pair = ({"slot": slot}, {"slot": program.prediction})
    shaped = Op("torch.Tensor.reshape_as", pair, {}, (fresh,))
    name = "torch.nn.functional.binary_cross_entropy_with_logits"
    loss = Op(name, ({"slot": program.prediction}, {"slot": fresh}), {}, (fresh + 1,))
    program = dataclasses.replace(program, ops=(*kept, shaped, loss), loss=fresh + 1)
    return dataclasses.replace(setup, program=program)


def over_classes(setup: Setup) -> Setup:
    """Use the cross-entropy over classes of which the targets are the numbers."""
    program = setup.program
    slot, fresh = program.targets[0], program.next_slot
    made = next(i for i, op in enumerate(program.ops) if program.prediction in op.outs)
    kept = tuple(op for op in program.ops[: made + 1] if slot not in op.slots())
    name, reads = "torch.nn.functional.cross_entropy", (program.prediction, slot)
    loss = Op(name, tuple({"slot": read} for read in reads), {}, (fresh,))
    numbers = setup.data.rows[slot].reshape(-1).astype(np.int64)
    if len(numbers) != setup.data.count:
        raise Unchangeable("a row has more than one class number")
    program = dataclasses.replace(program, ops=(*kept, loss), loss=fresh, targets=(slot,))
    data = dataclasses.replace(setup.data, rows={**setup.data.rows, slot: numbers})
    return dataclasses.replace(setup, program=program, data=data)


PASSING = VIEWS | {"clone", "float", "double", "long", "int", "to", "type", "type_as"}
"""Operations that may stand between a choice among classes and what it is compared by."""


def chosen(program: Program) -> tuple[Op, int] | None:
    """Return the argmax that the prediction is made by, and the slot of the scores that it chooses from.

    None where the loss gets its gradient on another way.
    """
    made = {slot: op for op in program.ops for slot in op.outs}
    op = made.get(program.prediction)
    while op is not None and op.short in PASSING and op.slots():
        op = made.get(op.slots()[0])
    if op is None or op.short != "argmax" or op.slots()[0] not in severed(program):
        return None
    return op, op.slots()[0]


def scored(setup: Setup) -> Setup:
    """Compare the scores of the classes with the targets, by cross_entropy, and not the class chosen.

    Raises Unchangeable where no class is chosen, or the targets are no class numbers.
    """
    program = setup.program
    found = chosen(program)
    if found is None or len(program.targets) != 1:
        raise Unchangeable("the loss is not of a class that was chosen by argmax")
    numbers = setup.data.rows[program.targets[0]]
    if not np.array_equal(numbers, np.round(numbers)):
        raise Unchangeable("the targets are no class numbers")
    program = dataclasses.replace(program, prediction=found[1])
    changed = over_classes(dataclasses.replace(setup, program=program))
    return attached(changed) if cuts(changed.program) else changed
