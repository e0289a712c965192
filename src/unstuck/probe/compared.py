"""What the script's own comparisons find, beside what the network's outputs really agree to.

A comparison is explained only by numbers: one of its sides is what a known mistake makes of the outputs that
the trained network gives on these rows, and rightly read these outputs agree with the other side.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Array, Comparison, Recording
from unstuck.probe.measured import Measured, table
from unstuck.probe.problem import own_problem
from unstuck.probe.reading import Outputs, misread
from unstuck.probe.subject import Subject, array
from unstuck.replay import tensors
from unstuck.replay.interpret import Run

FEWEST = 4  # rows: those of a truth table
SECONDS = 20.0  # for all lines together: a network that takes longer is asked no more
TOO_LONG = "the network takes too long to answer again all that the script compared"
MOST_KNOWN = 200_000  # rows of the training among which those of a comparison are looked for


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """One comparison: the share of its elements that agree, what really agrees, and the mistake ("" none)."""

    where: str
    share: float
    real: float
    how: str


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``compared``: for each line that misreads the outputs, what it finds and what is so."""
    if not recording.comparisons:
        return {"compared": INAPPLICABLE + "the script compares no tensors for equality"}
    if len(subject.steps) < 2:
        return {"compared": "the weights after the last update are not known"}
    late = [one for one in recording.comparisons if learned(one, recording)]
    if not late:
        return {"compared": INAPPLICABLE + "nothing was compared once the network had learned"}
    began = time.monotonic()
    lines: list[list[Found]] = []
    for line in by_line(late):
        lines.append([_explained(one, subject) for one in line])
        if time.monotonic() - began > SECONDS:
            return {"compared": TOO_LONG}
    sites = _misreading(lines)
    if not sites:
        return {
            "compared": INAPPLICABLE + "no comparison is known to misread the network's outputs"
        }
    rows = [
        {site: float(np.mean([one.share for one in line])) for site, line in sites.items()},
        {site: float(np.mean([one.real for one in line])) for site, line in sites.items()},
    ]
    return {"compared": table("compared", (0, 1), rows)}


def _misreading(lines: list[list[Found]]) -> dict[str, list[Found]]:
    """Return the lines that make one mistake, to the last: ``file:line mistake`` -> its comparisons.

    Zeros are no mistake of a script that reads its outputs well elsewhere: they are a yardstick there.
    """
    rightly = any(one.how == "right" for line in lines for one in line)
    found: dict[str, list[Found]] = {}
    for line in lines:
        how = line[-1].how
        same = all(one.how in {"", how} for one in line)
        if how in {"", "right"} or not same or (how == "constant" and rightly):
            continue
        found[f"{line[-1].where} {how}"] = [one for one in line if one.how]
    return found


def by_line(comparisons: Iterable[Comparison]) -> Iterator[list[Comparison]]:
    """Yield the comparisons of each line."""
    found: dict[str, list[Comparison]] = {}
    for one in comparisons:
        found.setdefault(str(one.where), []).append(one)
    yield from found.values()


def learned(one: Comparison, recording: Recording) -> bool:
    """Whether the loss was at its goal when this was compared, and stayed there."""
    ladder, losses = recording.tables.get("ladder"), recording.tables.get("loss")
    if ladder is None or losses is None:
        return False
    goal, end = ladder.at("goal"), ladder.at("end")
    if recording.setup is not None and one.step >= recording.setup.plan.steps:
        return end <= goal
    since = [
        value
        for step, value in zip(losses.steps, losses.values[:, 0], strict=True)
        if step >= min(one.step - 1, losses.steps[-1])
    ]
    return end <= goal and float(np.median(since)) <= goal


def _explained(one: Comparison, subject: Subject) -> Found:
    """Return which mistake explains this comparison, by any of what may be its inputs."""
    share = _share(one.left, one.right)
    whole = one.shapes == (one.left.shape, one.right.shape)
    best = Found(str(one.where), share, math.nan, "")
    for outputs, known in _answered(one, subject):
        for made, asked in ((one.left, one.right), (one.right, one.left)):
            how, real = misread(made, asked, outputs, known, whole=whole)
            if how:
                found = dataclasses.replace(best, real=real, how=how)
                if how != "right":
                    return found
                best = found
    return best


def _answered(one: Comparison, subject: Subject) -> Iterator[tuple[Outputs, Array | None]]:
    """Yield what may be the network's outputs on the rows that were compared, and the targets of these.

    Those that the script had at hand come last: nothing tells which rows they are of.
    """
    for rows in rows_of(one, subject):
        outputs = outputs_of(rows, subject)
        if outputs is not None and outputs.count >= FEWEST:
            yield outputs, targets_of(rows, subject)
    for held in one.outputs:
        if len(held) >= FEWEST and np.isfinite(held).all() and subject.target is not None:
            shape, kind = subject.predictions(0).shape, own_problem(subject).task.kind
            yield Outputs(held, held, kind, array(subject.target), shape), None


def _share(left: Array, right: Array) -> float:
    """Return the share of elements that agree, as the script's comparison broadcasts them."""
    return float(np.mean(left == right))


def rows_of(one: Comparison, subject: Subject) -> Iterator[Array]:
    """Yield rows (n, …) that may be those of the comparison: those at hand, and the training's own."""
    yield from one.inputs
    program, data = subject.setup.program, subject.setup.data
    if len(program.inputs) != 1 or not program.targets:
        return
    target = data.rows[program.targets[0]]
    for side, shape in zip((one.left, one.right), one.shapes, strict=True):
        known = target[: len(side)]
        if (
            shape[0] == len(target)
            and known.size == side.size
            and (known.ravel() == side.ravel()).all()
        ):
            yield data.rows[program.inputs[0]][: len(side)]


def targets_of(rows: Array, subject: Subject) -> Array | None:
    """Return the targets of these rows (n, …), None where the network was not trained on all of them."""
    program, data = subject.setup.program, subject.setup.data
    places = _places(subject)
    found = [places.get(row.tobytes(), -1) for row in np.ascontiguousarray(rows)]
    return None if -1 in found else data.rows[program.targets[0]][found]


@functools.lru_cache(maxsize=1)
def _places(subject: Subject) -> dict[bytes, int]:
    """Return which row of the training has these inputs, the first where several have."""
    inputs = subject.setup.data.rows[subject.setup.program.inputs[0]][:MOST_KNOWN]
    rows = reversed(list(enumerate(np.ascontiguousarray(inputs))))
    return {row.tobytes(): number for number, row in rows}


def outputs_of(rows: Array, subject: Subject, run: Run | None = None) -> Outputs | None:
    """Return what the trained network makes of these rows, None where it cannot take them.

    run: its program where that is another one than the subject's, which drops nothing.
    """
    program, target = subject.setup.program, subject.target
    if target is None or len(program.inputs) != 1:
        return None
    slot = program.inputs[0]
    given = torch.from_numpy(np.ascontiguousarray(rows)).to(subject.rows[slot].dtype)
    if given.shape[1:] != subject.rows[slot].shape[1:]:
        return None
    values = _run(given, subject, run or subject.run)
    if values is None:
        return None
    prediction, last = values
    kind = own_problem(subject).task.kind
    return Outputs(
        array(prediction), array(last), kind, array(target), subject.predictions(0).shape
    )


def _run(given: Tensor, subject: Subject, run: Run) -> tuple[Tensor, Tensor] | None:
    """Return the prediction and the last pre-activation, with the weights after the last update."""
    program = subject.setup.program
    weights = tensors.weights(subject.setup, "end")
    with torch.no_grad():
        try:
            want = (program.prediction, subject.last)
            made = run(weights, {program.inputs[0]: given}, want)
        except (RuntimeError, KeyError, IndexError, ValueError):
            return None
    return made[program.prediction], made[subject.last]
