"""Another loss: shapes that agree, logits instead of probabilities."""

from __future__ import annotations

import dataclasses

from unstuck.core.layers import CLAMPS
from unstuck.core.setup import Op, Setup
from unstuck.core.transform.program import reading, with_ops
from unstuck.core.transform.unchangeable import Unchangeable


def matched_shapes(setup: Setup) -> Setup:
    """Give the target the prediction's shape before the loss compares them."""
    program = setup.program
    if not program.targets:
        raise Unchangeable("the loss has no target that could be reshaped")
    target, fresh = program.targets[0], program.next_slot
    reshape = Op(
        "torch.Tensor.reshape_as",
        ({"slot": target}, {"slot": program.prediction}),
        {},
        (fresh,),
    )
    made = next(i for i, op in enumerate(program.ops) if program.prediction in op.outs)
    before, after = program.ops[: made + 1], program.ops[made + 1 :]
    return with_ops(setup, (*before, reshape, *(reading(op, target, fresh) for op in after)))


def with_logits(setup: Setup) -> Setup:
    """Drop the sigmoid that makes the prediction and let the loss take logits."""
    program = setup.program
    end = next(i for i, op in enumerate(program.ops) if program.prediction in op.outs)
    final = program.ops[end]
    if final.short not in {"sigmoid", "sigmoid_"}:
        raise Unchangeable("the prediction does not come straight out of a sigmoid")
    logit = final.slots()[0]
    ops, clamped = [], set[int]()
    for op in program.ops:
        if op is final:
            continue
        if op.short in CLAMPS and program.prediction in op.slots():
            clamped.update(op.outs)  # which a loss of logits has no need of
            continue
        changed = reading(op, program.prediction, logit)
        for slot in clamped:
            changed = reading(changed, slot, logit)
        if changed is not op and op.short == "binary_cross_entropy":
            changed = dataclasses.replace(
                changed, name="torch.nn.functional.binary_cross_entropy_with_logits"
            )
        elif changed is not op:
            raise Unchangeable("the probabilities are used by more than binary_cross_entropy")
        ops.append(changed)
    program = dataclasses.replace(program, ops=tuple(ops), prediction=logit)
    return dataclasses.replace(setup, program=program)
