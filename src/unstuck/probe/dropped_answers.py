"""Whether answers that the script compares with targets were given while parts of the network were dropped.

Two draws of such a network agree with each other, and with the targets, on a share of the rows that is known
from many draws. What was compared is taken for one of them if both its shares are theirs.
"""

from __future__ import annotations

import ast
import math
import time
from collections.abc import Iterator

import numpy as np

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Array, Comparison, Recording
from unstuck.core.transform import dropped
from unstuck.probe.compared import (
    SECONDS,
    TOO_LONG,
    by_line,
    learned,
    outputs_of,
    rows_of,
    targets_of,
)
from unstuck.probe.measured import Measured, table
from unstuck.probe.reading import answers, targets, told_by
from unstuck.probe.subject import Subject
from unstuck.probe.written.text import read
from unstuck.replay import interpret
from unstuck.replay.interpret import Run

DRAWS = 16  # whose spread is known to a fifth
SPREADS = 4.0  # of the draws: a sixteen-thousandth of normal numbers lies farther out
ROUNDED = 0.01  # of the rows, besides: weights one update older answer a few rows in another way
FEWEST = 50  # rows, below which the shares of different networks are hardly told apart

Pair = tuple[float, float]


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``dropped_answers``."""
    setup = recording.setup
    assert setup is not None
    if not any(dropped(op) for op in setup.program.ops):
        return {"dropped_answers": INAPPLICABLE + "the network drops nothing at random"}
    if len(subject.steps) < 2:
        return {"dropped_answers": "the weights after the last update are not known"}
    began, run = time.monotonic(), interpret(setup.program)
    found: dict[str, Pair] = {}
    for line in by_line(recording.comparisons):
        if not all(_evaluated(one, subject, recording) for one in line):
            continue
        if not learned(line[-1], recording):
            continue
        for pair in _pairs(line[-1], subject, run):
            found[str(line[-1].where)] = pair
        if time.monotonic() - began > SECONDS:
            return {"dropped_answers": TOO_LONG}
    if not found:
        return {"dropped_answers": INAPPLICABLE + "no answers were compared that were given so"}
    rows = [{site: float(pair[row]) for site, pair in found.items()} for row in (0, 1)]
    return {"dropped_answers": table("dropped_answers", (0, 1), rows)}


def _pairs(one: Comparison, subject: Subject, run: Run) -> Iterator[Pair]:
    """Yield at most once: the share that was found right, and the share that is right with all units."""
    for rows in rows_of(one, subject):
        whole, known = outputs_of(rows, subject), targets_of(rows, subject)
        if whole is None or whole.count < FEWEST:
            continue
        for made, asked in ((one.left, one.right), (one.right, one.left)):
            wanted, told = targets(asked, whole, known), told_by(made, whole)
            if wanted is None or told is None or told.shape != wanted.shape:
                continue
            draws = [outputs_of(rows, subject, run) for _ in range(DRAWS)]
            if _is_draw(told, wanted, [answers(draw) for draw in draws if draw is not None]):
                yield float(np.mean(told == wanted)), float(np.mean(answers(whole) == wanted))
                return


def _evaluated(one: Comparison, subject: Subject, recording: Recording) -> bool:
    """Whether this was compared after the training, or on rows that the network is not trained on.

    Else the answers may be those of a training step, in which units are to be dropped.
    """
    if one.step >= subject.setup.plan.steps and not _in_the_loop(one, recording):
        return True
    known = (targets_of(rows, subject) for rows in rows_of(one, subject))
    return subject.setup.data.complete and bool(one.inputs) and all(each is None for each in known)


def _in_the_loop(one: Comparison, recording: Recording) -> bool:
    """Whether the line is written in a loop that makes the updates."""
    step = recording.lines.get("step") or recording.lines.get("backward")
    if step is None or step.file != one.where.file:
        return False
    loops = [
        node
        for file in read([step.file])
        for node in ast.walk(file.tree)
        if isinstance(node, ast.For | ast.While)
    ]
    return any(
        loop.lineno <= min(step.line, one.where.line)
        and max(step.line, one.where.line) <= (loop.end_lineno or 0)
        for loop in loops
    )


def _is_draw(told: Array, wanted: Array, draws: list[Array]) -> bool:
    """Whether what was told has the shares that draws have: with the targets, and with one another."""
    if len(draws) < DRAWS:
        return False
    right = [float(np.mean(draw == wanted)) for draw in draws]
    alike = [_with_others(draws, number) for number in range(len(draws))]
    mine = float(np.mean([np.mean(draw == told) for draw in draws]))
    return _among(float(np.mean(told == wanted)), right) and _among(mine, alike)


def _with_others(draws: list[Array], number: int) -> float:
    others = [draw for other, draw in enumerate(draws) if other != number]
    return float(np.mean([np.mean(draw == draws[number]) for draw in others]))


def _among(value: float, draws: list[float]) -> bool:
    middle, spread = float(np.mean(draws)), float(np.std(draws, ddof=1))
    return math.isfinite(value) and abs(value - middle) <= SPREADS * spread + ROUNDED
