"""An exercise: a sick script in which every planted fault has to be mended, seen to be so by training it.

Belongs here: how one is drawn and shown to be right, and what a mended copy of it is held to. Its sealed
answer is in `sealed`.
"""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import random
from collections.abc import Callable

from unstuck.casebook.planted import tasks, truth
from unstuck.casebook.planted.faults import Planted, sown, with_faults
from unstuck.casebook.planted.script import Script
from unstuck.casebook.planted.trained import Broken, Runs

MOST_FAULTS = 3
MOST_DRAWS = 60  # scripts that are drawn before it is given up

HEAD = """\
# An exercise: this script runs to its end, and what it trains does not learn.
# Faults planted in it: {count}. Its data are as they should be unless a line of it spoils them.
"""

Told = Callable[[str], None]


class NoExercise(Exception):
    """Of all that were drawn, no script was sick by all of its faults; the message says how many."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What trainings of one version of the script showed. mended: keys of the faults that were mended."""

    mended: tuple[str, ...]
    learned: int
    runs: int


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """A planted fault in the answer. names: what it is called; before, after: the lines that it is about."""

    names: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Exercise:
    """A script and its answer.

    text, healthy: the script, sick and with all faults mended; net, kind: what is trained in it, and for what
    (as in `Script`); goal: share of the constant's loss that a mended script has to remove; shown: the
    trainings that prove it; trainings: how many were made in all, over all scripts that were drawn.
    """

    seed: int
    text: str
    healthy: str
    net: str
    kind: str
    goal: float
    faults: tuple[Fault, ...]
    shown: tuple[Shown, ...]
    trainings: int


def exercise(
    faults: int, seed: int, *, runs: Runs | None = None, told: Told = lambda _: None
) -> Exercise:
    """Return the exercise of this seed, with so many faults (1 to 3).

    Scripts are drawn until one learns without its faults in every run, and with any of them left in it
    does not. told: is given a word on each that was drawn. Raises `NoExercise`.
    """
    if not 1 <= faults <= MOST_FAULTS:
        raise ValueError(f"an exercise has 1 to {MOST_FAULTS} faults, not {faults}")
    trainings = Runs() if runs is None else runs
    for attempt in range(MOST_DRAWS):
        draw = random.Random(f"exercise {seed} {faults} {attempt}")
        healthy = tasks.drawn(draw)
        planted = sown(healthy, faults, draw)
        told(f"script {attempt + 1}: {len(trainings.known)} trainings so far")
        try:
            goal = _goal(healthy, planted, faults, trainings)
        except Broken:
            continue
        if goal is not None:
            return _written(seed, healthy, planted, goal, trainings)
    raise NoExercise(
        f"none of {MOST_DRAWS} scripts that were drawn is sick by all of its {faults} faults"
    )


def _goal(healthy: Script, planted: tuple[Planted, ...], faults: int, runs: Runs) -> float | None:
    """Return the goal of the mended script; None where not every fault has to be mended for it."""
    if len(planted) < faults:
        return None
    goal = truth.goal(healthy, runs)
    if goal is None:
        return None
    for left in _parts(planted):
        script = with_faults(healthy, left)
        learned = runs.learned(script.text, script.names.net, script.kind, goal)
        if learned or not truth.decided(runs.seen(script.text), goal / truth.CLOSED):
            return None
    return goal


def _parts(planted: tuple[Planted, ...]) -> list[tuple[Planted, ...]]:
    """Return every set of faults that may be left in the script: all, and each smaller one but none."""
    return [
        left
        for size in range(len(planted), 0, -1)
        for left in itertools.combinations(planted, size)
    ]


def _written(
    seed: int, healthy: Script, planted: tuple[Planted, ...], goal: float, runs: Runs
) -> Exercise:
    sick = with_faults(healthy, planted)
    shown = [_shown(healthy, planted, left, goal, runs) for left in (*_parts(planted), ())]
    head = HEAD.format(count=len(planted))
    return Exercise(
        seed,
        head + sick.text,
        head + healthy.text,
        sick.names.net,
        sick.kind,
        goal,
        tuple(_fault(healthy, planted, fault) for fault in planted),
        tuple(shown),
        len(runs.known),
    )


def _shown(
    healthy: Script,
    planted: tuple[Planted, ...],
    left: tuple[Planted, ...],
    goal: float,
    runs: Runs,
) -> Shown:
    removed = runs.seen(with_faults(healthy, left).text)
    mended = tuple(fault.key for fault in planted if fault not in left)
    return Shown(mended, sum(one >= goal for one in removed), len(removed))


def _fault(healthy: Script, planted: tuple[Planted, ...], fault: Planted) -> Fault:
    """Return a fault with the lines that change when it alone is mended."""
    rest = [other for other in planted if other is not fault]
    sick, left = (with_faults(healthy, one).text.splitlines() for one in (planted, rest))
    changed = [line for line in difflib.ndiff(sick, left) if line[2:].strip()]
    before, after = ([line[2:].strip() for line in changed if line[:1] == sign] for sign in "-+")
    return Fault(fault.names, tuple(before), tuple(after))


def mended(task: Exercise, text: str) -> Shown:
    """Train a copy of the exercise that somebody changed; raises `Broken` where it does not run.

    It is held to what the healthy script reaches, on its rows as they are when it ends, over three seeds.
    """
    runs = Runs(either_unit=True)
    runs.learned(text, task.net, task.kind, task.goal)
    removed = runs.seen(text)
    return Shown((), sum(one >= task.goal for one in removed), len(removed))
