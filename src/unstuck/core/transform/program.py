"""Other operations in a traced program: put in, taken out, reading from another slot."""

from __future__ import annotations

import dataclasses

from unstuck.core.setup import Json, Op, Program, Setup


def insert_behind(setup: Setup, slot: int, op: Op) -> Setup:
    """Insert `op` behind the operation that makes `slot`; later operations read its output instead."""
    made = next(i for i, other in enumerate(setup.program.ops) if slot in other.outs)
    before, after = setup.program.ops[: made + 1], setup.program.ops[made + 1 :]
    changed = with_ops(setup, (*before, op, *(reading(o, slot, op.outs[0]) for o in after)))
    if slot == setup.program.prediction:
        program: Program = dataclasses.replace(changed.program, prediction=op.outs[0])
        changed = dataclasses.replace(changed, program=program)
    return changed


def with_ops(setup: Setup, ops: tuple[Op, ...]) -> Setup:
    """Return the setup with these operations."""
    return dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))


def reading(op: Op, old: int, new: int) -> Op:
    """Return `op` with slot `old` replaced by `new` among its operands; `op` itself if it has none."""
    if old not in op.slots():
        return op
    args = tuple(_swap(value, old, new) for value in op.args)
    kwargs = {key: _swap(value, old, new) for key, value in op.kwargs.items()}
    return dataclasses.replace(op, args=args, kwargs=kwargs)


def _swap(value: Json, old: int, new: int) -> Json:
    if isinstance(value, dict):
        if "slot" in value:
            return {"slot": new if value["slot"] == old else value["slot"]}
        return {key: _swap(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_swap(inner, old, new) for inner in value]
    return value
