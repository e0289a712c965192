"""Where gradients come through: weights that take them, and operations that stop them."""

from __future__ import annotations

import dataclasses

from unstuck.core.setup import Op, Program, Setup
from unstuck.core.transform.program import reading
from unstuck.core.transform.unchangeable import Unchangeable

STEPS = frozenset(
    {"round", "round_", "sign", "floor", "ceil", "trunc", "heaviside"}
    | {"gt", "ge", "lt", "le", "__gt__", "__ge__", "__lt__", "__le__", "greater", "less"}
)
"""Operations whose result stands still while their first operand moves: it has no gradient but zero."""


def stops(op: Op) -> bool:
    """Whether no gradient gets back through this operation, or one of zeros only."""
    return op.short in {"detach", "detach_", "argmax"} or op.short in STEPS


def severed(program: Program) -> frozenset[int]:
    """Return the slots that lead to the loss, but that no gradient of it reaches."""
    reached = {program.loss}
    leading = {program.loss}
    for op in reversed(program.ops):
        if leading.intersection(op.outs):
            leading.update(op.slots())
        if reached.intersection(op.outs) and not stops(op):
            reached.update(op.slots())
    return frozenset(leading - reached)


def cuts(program: Program) -> tuple[Op, ...]:
    """Return the operations behind which some weight gets no gradient at all.

    A mask, as ``error.abs() < 1`` is, cuts nothing where the weights behind it are reached by other ways.
    """
    lost = severed(program)
    made = {slot for op in program.ops for slot in op.outs}
    given = {*program.inputs, *program.targets, *program.constants}
    behind = dict.fromkeys(lost - made - given, True)
    for op in program.ops:
        if any(behind.get(slot) for slot in op.slots()):
            behind.update(dict.fromkeys(op.outs, True))
    return tuple(
        op
        for op in program.ops
        if stops(op) and any(slot in lost and behind.get(slot) for slot in op.slots())
    )


def attached(setup: Setup) -> Setup:
    """Let gradients through wherever a part of the network gets none."""
    program = setup.program
    if not cuts(program):
        raise Unchangeable("no operation keeps the gradient from a part of the network")
    while gone := cuts(program):
        if gone[0].short == "argmax":
            raise Unchangeable("a choice of classes has no gradient that could be let through")
        program = _through(program, gone[0])
    return dataclasses.replace(setup, program=program)


def _through(program: Program, gone: Op) -> Program:
    """Return the program without an operation: what it was given goes on."""
    given, made = gone.slots()[0], gone.outs[0]
    ops = tuple(reading(op, made, given) for op in program.ops if op is not gone)
    prediction, loss = (given if s == made else s for s in (program.prediction, program.loss))
    return dataclasses.replace(program, ops=ops, prediction=prediction, loss=loss)


def comparable(setup: Setup) -> Setup:
    """Let the loss have a gradient by its prediction, whatever lies before that."""
    program = setup.program
    behind = max(i for i, op in enumerate(program.ops) if program.prediction in op.outs) + 1
    while gone := [op for op in cuts(program) if program.ops.index(op) >= behind]:
        program = _through(program, gone[0])
    return dataclasses.replace(setup, program=program)


def unfrozen(setup: Setup) -> Setup:
    """Let every weight take its gradient, and be held by the optimizer."""
    if not any(parameter.frozen for parameter in setup.parameters):
        raise Unchangeable("every weight takes its gradient already")
    parameters = tuple(
        dataclasses.replace(one, frozen=False, group=max(one.group, 0)) if one.frozen else one
        for one in setup.parameters
    )
    setup = dataclasses.replace(setup, parameters=parameters)
    return attached(setup) if cuts(setup.program) else setup


def group(setup: Setup) -> dict[int, int]:
    """Return slot -> group of the optimizer that moves this parameter, -1 where none does."""
    lost = severed(setup.program)
    return {
        one.slot: -1 if one.frozen or one.slot in lost else one.group for one in setup.parameters
    }
