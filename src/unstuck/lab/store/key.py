"""The key of a chunk: a hash of everything that its outcome depends on, and of nothing else."""

from __future__ import annotations

import hashlib
import json

from unstuck.core.setup import Setup
from unstuck.lab.engine.chunk import Work

ENGINES = 1  # raised when an engine is changed so that its numbers change


def cell_key(setup: Setup, *, seed: int, goal: float, engine: str, device: str) -> str:
    """Return the key of a cell: of its Setup, rows included, the goal, the seed, engine and device."""
    program, made = setup.program, hashlib.sha256()
    plain = (
        ENGINES,
        [(op.name, op.args, op.kwargs, op.outs) for op in program.ops],
        (program.inputs, program.targets, program.prediction, program.loss, program.judged),
        [
            (
                *(p.slot, p.start.shape, str(p.start.dtype), p.group, p.frozen),
                *((d.how, d.numbers, d.fan) for d in p.draws),
            )
            for p in setup.parameters
        ],
        (setup.plan.order, setup.plan.batch, setup.plan.steps, setup.start),
        (setup.optimizer.kind, setup.optimizer.groups, setup.optimizer.schedule),
        repr(setup.loop),
        (seed, repr(goal), engine, device),
    )
    made.update(json.dumps(plain, sort_keys=True, default=repr).encode())
    arrays = [*setup.data.rows.items(), *program.constants.items()]
    recorded = any(d.how == "keep" for p in setup.parameters for d in p.draws)
    if recorded or setup.start == "recorded":
        arrays += [(p.slot, p.start) for p in setup.parameters]
    for slot, array in arrays:
        made.update(f"{slot} {array.shape} {array.dtype}".encode())
        made.update(array.tobytes())
    made.update(b"".join(first.tobytes() for first in setup.plan.first))
    return made.hexdigest()[:24]


def chunk_key(cell: str, first: int, count: int) -> str:
    """Return the key of a chunk: of its cell and its range of networks."""
    return f"{cell}-{first}-{count}"


def cell_of(work: Work) -> str:
    """Return the key of the cell that a chunk belongs to."""
    return work.key.split("-")[0]
