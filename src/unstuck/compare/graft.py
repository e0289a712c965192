"""B's loss behind A's network: trained by the one, judged by the other."""

from __future__ import annotations

import dataclasses
from typing import Any

from unstuck.core.setup import Op, Program, Setup
from unstuck.core.transform import Unchangeable


def grafted(setup: Setup, other: Setup) -> Setup:
    """Return A that trains by B's loss of A's predictions and targets, and is judged by its own, as before.

    Raises Unchangeable where B's loss reads something else than these.
    """
    here, there = setup.program, other.program
    slots = {there.prediction: here.prediction}
    slots |= dict(zip(there.targets, here.targets, strict=False))
    constants, ops, free = dict(here.constants), list(here.ops), here.next_slot
    for op in _behind(there):
        for read in op.slots():
            if read in there.constants and read not in slots:
                slots[read], constants[free] = free, there.constants[read]
                free += 1
            if read not in slots:
                raise Unchangeable("B's loss reads more than its predictions and targets")
        outs = tuple(range(free, free + len(op.outs)))
        free += len(op.outs)
        slots |= dict(zip(op.outs, outs, strict=True))
        ops.append(
            dataclasses.replace(
                op,
                args=tuple(_moved(op.args, slots)),
                kwargs={key: _moved(value, slots) for key, value in op.kwargs.items()},
                outs=outs,
            )
        )
    if there.loss not in slots:
        raise Unchangeable("B's loss is not made of its predictions")
    program = dataclasses.replace(
        here, ops=tuple(ops), constants=constants, loss=slots[there.loss], judged=here.score
    )
    return dataclasses.replace(setup, program=program)


def _behind(program: Program) -> list[Op]:
    """Return the operations between the prediction and the loss, those on the targets' side among them."""
    wanted, found = {program.loss}, []
    for op in reversed(program.ops):
        if program.prediction in op.outs:
            break
        if wanted.intersection(op.outs):
            wanted.update(op.slots())
            found.append(op)
    return found[::-1]


def _moved(value: Any, slots: dict[int, int]) -> Any:
    """Return an argument that reads other slots."""
    if isinstance(value, dict):
        if "slot" in value:
            return {"slot": slots[value["slot"]]}
        return {key: _moved(inner, slots) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_moved(inner, slots) for inner in value)
    return value
