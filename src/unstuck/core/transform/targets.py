"""Other targets: the network is trained towards them, and judged as before.

The goal is a loss of the user's own, in the unit of the user's targets. So the program gets a second
end, `Program.judged`: the same comparison with the targets as they were, of predictions turned back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from unstuck.core.setup import Op, Program, Setup, Tensor
from unstuck.core.transform.program import reading
from unstuck.core.transform.rows import moments
from unstuck.core.transform.unchangeable import Unchangeable

Back = Callable[[int, int], tuple[tuple[Op, ...], dict[int, Tensor]]]
"""``back(prediction, fresh)``: operations from a prediction to the old unit, and their constants; the
last one fills the highest of the slots from `fresh` on."""


def target(setup: Setup) -> Tensor:
    """Return the rows (n, …) that predictions are compared with. Raises Unchangeable."""
    slots = setup.program.targets[:1] if setup.program.judged is not None else setup.program.targets
    if len(slots) != 1:
        raise Unchangeable("the loss compares with no target, or with more than one")
    rows = setup.data.rows[slots[0]]
    if rows.dtype.kind != "f":
        raise Unchangeable("the targets are whole numbers, such as classes")
    if slots[0] in setup.program.inputs:
        raise Unchangeable("the targets are the inputs themselves")
    return rows


def standardised_targets(setup: Setup) -> Setup:
    """Train towards targets with mean 0 and standard deviation 1 in each column."""
    rows = target(setup)
    mean, spread = (np.asarray(part, rows.dtype) for part in moments(rows))
    return retargeted(setup, ((rows - mean) / spread).astype(rows.dtype), affine(mean, spread))


def logarithmic_targets(setup: Setup) -> Setup:
    """Train towards standardised logarithms of the targets; judge by the logarithms themselves."""
    return standardised_targets(_logged(original(setup)))


def judged_by_logarithms(setup: Setup) -> Setup:
    """Train as before; judge the logarithms of predictions, which count as the least target at least."""
    rows = target(setup)
    logged = _logged(setup)
    least = float(rows.min())

    def back(prediction: int, fresh: int) -> tuple[tuple[Op, ...], dict[int, Tensor]]:
        bounded = Op("torch.clamp", ({"slot": prediction}, least), {}, (fresh,))
        return (bounded, _op("torch.log", (fresh,), fresh + 1)), {}

    return retargeted(logged, rows, back)


def clipped_targets(low: float, high: float) -> Callable[[Setup], Setup]:
    """Return what trains towards targets drawn into a range; judged by those inside of it alone."""

    def change(setup: Setup) -> Setup:
        setup = original(setup)
        rows = target(setup)
        bounds = (rows.dtype.type(low), rows.dtype.type(high))
        return retargeted(setup, np.clip(rows, *bounds), _inside(setup, low, high))

    return change


def judged_inside(low: float, high: float) -> Callable[[Setup], Setup]:
    """Return what trains as before, and is judged by the targets inside of a range alone."""

    def change(setup: Setup) -> Setup:
        setup = original(setup)
        return retargeted(setup, target(setup), _inside(setup, low, high))

    return change


def _inside(setup: Setup, low: float, high: float) -> Back:
    """Return a way back on which the prediction for a target outside of the range is right."""
    aim = setup.program.targets[0]

    def back(prediction: int, fresh: int) -> tuple[tuple[Op, ...], dict[int, Tensor]]:
        drawn = Op("torch.clamp", ({"slot": aim}, low, high), {}, (fresh,))
        same = _op("torch.eq", (fresh, aim), fresh + 1)
        return (drawn, same, _op("torch.where", (fresh + 1, prediction, aim), fresh + 2)), {}

    return back


def _logged(setup: Setup) -> Setup:
    """Return the setup with logarithms in the place of its targets."""
    rows = target(setup)
    if not (rows > 0).all():
        raise Unchangeable("not all targets are positive")
    logs = {**setup.data.rows, setup.program.targets[0]: np.log(rows)}
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=logs))


def affine(mean: Tensor, spread: Tensor) -> Back:
    """Return the way back from standardised targets: times the spread, plus the mean."""

    def back(prediction: int, fresh: int) -> tuple[tuple[Op, ...], dict[int, Tensor]]:
        constants = {fresh: spread, fresh + 1: mean}
        wide = _op("torch.Tensor.mul", (prediction, fresh), fresh + 2)
        return (wide, _op("torch.Tensor.add", (fresh + 2, fresh + 1), fresh + 3)), constants

    return back


def _op(name: str, reads: tuple[int, ...], out: int) -> Op:
    return Op(name, tuple({"slot": slot} for slot in reads), {}, (out,))


def retargeted(setup: Setup, rows: Tensor, back: Back) -> Setup:
    """Train towards other rows (n, …); judge by the old ones, the predictions turned `back`.

    Targets that were changed before are taken as they were at first: the last change holds.
    """
    setup = original(setup)
    program = setup.program
    old, new = program.targets[0], program.next_slot
    turning, constants = back(program.prediction, new + 1)
    turned = max(slot for op in turning for slot in op.outs)
    copied = _compared(program)
    judging, score = compared_again(program, turned)
    training = [
        reading(op, old, new) if index in copied else op for index, op in enumerate(program.ops)
    ]
    changed = dataclasses.replace(
        program,
        ops=(*training, *turning, *judging),
        targets=(old, new),
        constants={**program.constants, **constants},
        judged=score,
    )
    data = dataclasses.replace(setup.data, rows={**setup.data.rows, new: rows})
    return dataclasses.replace(setup, program=changed, data=data)


def compared_again(program: Program, turned: int) -> tuple[tuple[Op, ...], int]:
    """Return operations that compare what is in this slot as the program compares its prediction.

    Their outputs, of which the loss is returned too, are in the slots behind it.
    """
    copied = [program.ops[index] for index in sorted(_compared(program))]
    outs = [slot for op in copied for slot in op.outs]
    fresh = {slot: turned + 1 + place for place, slot in enumerate(outs)}
    fresh[program.prediction] = turned
    return tuple(_renamed(op, fresh) for op in copied), fresh[program.loss]


def original(setup: Setup) -> Setup:
    """Return the setup with its targets as they were before `retargeted`."""
    program = setup.program
    if program.judged is None:
        return setup
    old, new = program.targets
    wanted = {program.loss}
    kept: list[Op] = []
    for op in reversed(program.ops):
        if wanted & set(op.outs):
            wanted.update(op.slots())
            kept.insert(0, reading(op, new, old))
    program = dataclasses.replace(program, ops=tuple(kept), targets=(old,), judged=None)
    rows = {slot: values for slot, values in setup.data.rows.items() if slot != new}
    data = dataclasses.replace(setup.data, rows=rows)
    return dataclasses.replace(setup, program=program, data=data)


def _compared(program: Program) -> set[int]:
    """Return the operations in which the prediction or a target takes part, at any remove."""
    reached = {program.prediction, *program.targets}
    found: set[int] = set()
    for index, op in enumerate(program.ops):
        if program.prediction not in op.outs and reached & set(op.slots()):
            found.add(index)
            reached.update(op.outs)
    if not any(program.loss in program.ops[index].outs for index in found):
        raise Unchangeable("the loss does not come from comparing a prediction with a target")
    return found


def _renamed(op: Op, fresh: dict[int, int]) -> Op:
    for slot in set(op.slots()) & fresh.keys():
        op = reading(op, slot, fresh[slot])
    return dataclasses.replace(op, outs=tuple(fresh[slot] for slot in op.outs))
