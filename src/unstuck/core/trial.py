"""What an experiment showed: shares of starts that learn, without and with a set of changes."""

from __future__ import annotations

import dataclasses
from typing import Literal

from unstuck.core.change import Safety

TrialVerdict = Literal["helps", "no_difference", "worse", "inconclusive"]
Proof = Literal["mends", "runs", "parses", "none"]

MOST = 0.75
"""Share of the starts from which on a network is said to learn, if not surely."""

MENDS = 0.9
"""Share of the runs that have to learn for a patch to count as a cure (of five runs: all)."""

TWICE = 2.0
"""A change that only speeds learning up is a cause if it takes at least this factor fewer steps."""

GOES_ON = "cause"
"""What is not run, by name, where the network learns by itself if the run goes on for less than as long again."""


@dataclasses.dataclass(frozen=True, slots=True)
class Bundle:
    """The loss curves of an ensemble, thinned: what a picture of it needs.

    steps: (s,) ascending; low, median, high: (s,) quartiles of the members' losses; members: a few single
    curves (s,), from the one that ends lowest to the one that ends highest. Infinite where a loss was no number.
    """

    steps: tuple[int, ...]
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]
    members: tuple[tuple[float, ...], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Arm:
    """One ensemble: how many of its members reached the goal, and when.

    learned: members whose loss is at the goal at the end; members: how many were trained; interval:
    exact 95 % interval of the share (Clopper and Pearson 1934); steps: how long each trained;
    median_steps: median step at which the goal was first met, None if fewer than half met it;
    losses: each member's final loss, in the order of the seeds; curve: (step, median loss) points; bundle:
    its curves, None where they were not kept.
    """

    learned: int
    members: int
    interval: tuple[float, float]
    steps: int
    median_steps: float | None
    losses: tuple[float, ...] = ()
    curve: tuple[tuple[int, float], ...] = ()
    bundle: Bundle | None = None

    @property
    def share(self) -> float:
        """Share of members that learned."""
        return self.learned / self.members if self.members else float("nan")


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """The prescription with this fault's change left out, against the whole prescription.

    effect: difference of the shares; interval: 95 % interval of that difference, paired by seed;
    cost: network-steps that it took. aim: where no trial could last until the network has learned, the loss
    that the arm without the change came to; arms count who was as low in half of its steps (None: the goal).
    """

    name: str
    without: Arm
    with_it: Arm
    effect: float
    interval: tuple[float, float]
    verdict: TrialVerdict
    cost: int
    because: str = ""
    aim: float | None = None

    @property
    def faster(self) -> bool:
        """Whether at least twice the steps are taken without the change (medians)."""
        before, after = self.without.median_steps, self.with_it.median_steps
        return before is not None and after is not None and before >= TWICE * max(after, 1.0)

    @property
    def surer(self) -> bool:
        """Whether the change helps, and what is left without it would count as a cure as well."""
        return self.verdict == "helps" and self.without.share >= MENDS and not self.faster


@dataclasses.dataclass(frozen=True, slots=True)
class Patch:
    """Edited files (path -> new text) and their unified diff."""

    files: dict[str, str]
    diff: str


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """A set of changes that was tried, and what it achieved."""

    names: tuple[str, ...]
    say: str
    arm: Arm


@dataclasses.dataclass(frozen=True, slots=True)
class Prescription:
    """The smallest set of changes that was seen to make the network learn.

    proof: how far it was verified, ``mends`` over ``parses``; seeds: verifying runs; before, after:
    how many of them reached the goal without and with the patch. aim: of the trials, as in `Trial`.
    """

    names: tuple[str, ...]
    say: tuple[str, ...]
    safety: Safety
    without: Arm
    with_it: Arm
    alternatives: tuple[Attempt, ...] = ()
    patch: Patch | None = None
    proof: Proof = "none"
    seeds: int = 0
    before: int = 0
    after: int = 0
    aim: float | None = None
