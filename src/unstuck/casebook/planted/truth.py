"""What is true of a script: which of its planted faults matter, decided by mending each subset of them.

Nothing here knows the rules. A set of faults is *sufficient* if the script learns once these are
mended, and minimal if no proper part of it is sufficient. A fault matters if it is in a minimal one.
Where the script learns with all its faults in it, it is healthy, and the faults are decoys.
"""

from __future__ import annotations

import dataclasses
import itertools

from unstuck.casebook.planted.faults import Planted, with_faults
from unstuck.casebook.planted.script import Script
from unstuck.casebook.planted.trained import SEEDS, Runs

HEALTHY = 0.95  # of the constant's loss, in every run
CLOSED = 0.9  # of what the healthy script removes
CLOSE = (0.75, 0.95)  # a run between these shares of it is too near the goal to be sure of


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A script, what is planted in it, and what its runs showed.

    sets: the minimal sufficient sets of faults, as keys; one empty set where it learns as it is;
    goal: the share of the constant's loss that has to be removed; clear: no run decided by a hair.
    """

    healthy: Script
    planted: tuple[Planted, ...]
    sets: tuple[tuple[str, ...], ...]
    goal: float
    clear: bool

    @property
    def script(self) -> Script:
        """The script as it is handed to the diagnosis."""
        return with_faults(self.healthy, self.planted)

    @property
    def sick(self) -> bool:
        """Whether it does not learn as it is."""
        return () not in self.sets

    @property
    def matter(self) -> set[str]:
        """The faults that are in a minimal sufficient set."""
        return {key for one in self.sets for key in one}


def goal(script: Script, runs: Runs) -> float | None:
    """Return what has to be removed, None where the script is not healthy."""
    removed = []
    for seed in range(SEEDS):
        removed.append(runs.removed(script.text, script.names.net, script.kind, seed))
        if removed[-1] < HEALTHY:
            return None
    return CLOSED * sorted(removed)[SEEDS // 2]


def tried(healthy: Script, planted: tuple[Planted, ...], goal: float, runs: Runs) -> Case:
    """Mend every subset, the small ones first; a set that holds a sufficient one needs no run."""
    sets: list[tuple[str, ...]] = []
    clear = True
    for size in range(len(planted) + 1):
        for mended in itertools.combinations(planted, size):
            keys = tuple(fault.key for fault in mended)
            if any(set(found) <= set(keys) for found in sets):
                continue
            left = with_faults(healthy, [fault for fault in planted if fault not in mended])
            if runs.learned(left.text, left.names.net, left.kind, goal):
                sets.append(keys)
            clear = clear and decided(runs.seen(left.text), goal / CLOSED)
    return Case(healthy, planted, tuple(sets), goal, clear)


def decided(removed: list[float], healthy: float) -> bool:
    """Whether these runs fall on one side of the goal, and none of them near it.

    healthy: the share of the constant's loss that the healthy script removes.
    """
    low, high = CLOSE[0] * healthy, CLOSE[1] * healthy
    sides = {one >= CLOSED * healthy for one in removed}
    return len(sides) == 1 and not any(low < one < high for one in removed)
