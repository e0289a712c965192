"""The loss that counts as learned: most of the way from a constant prediction to what is achievable."""

from __future__ import annotations

import dataclasses
from typing import Literal

from unstuck.theory.ladder import Ladder
from unstuck.theory.learners import Score

CLOSED = 0.9  # share of the gap that counts as learned; the rest is left to detail
ENOUGH_ROWS = 50  # below it memorising the rows is the task, as with a truth table
LEAVES = (
    0.1  # of the best linear model's loss: a learner that leaves no more found what it cannot say
)
BEYOND = 0.5  # share of the gap from the best linear model to such a learner that counts as learned
LEAST_GAP = 0.02  # of the constant's loss: less than that is nothing to learn
CLEAR = 2.0  # standard errors by which a learner must beat the constant (95 %)

STANDING = 0.05  # of the constant's loss above it: as good as it, but for the noise of training

NOTHING = "nothing to learn: "
"""How the reason begins where the best that was tried is hardly better than a constant."""

ALIKE = "all {:,} rows have the same inputs (look at how these are read and computed)"

Basis = Literal["floor", "memorising", "learner", "constant", "nothing"]


@dataclasses.dataclass(frozen=True, slots=True)
class Goal:
    """The loss to reach, None where there is nothing to learn, and where it comes from.

    reference: the achievable loss that it is measured against; basis: what achieves that.
    """

    loss: float | None
    reference: float | None
    basis: Basis
    why: str


def goal(rungs: Ladder) -> Goal:
    """Return the goal: closing nine tenths of the gap from the constant to the achievable loss.

    Achievable is the floor where inputs repeat (with its allowance for having been fitted), else what
    the best standard learner scores out of sample; for fewer than 50 distinct rows, memorising them.
    Where a straight line comes as near as that, and yet leaves ten times the achievable loss, the goal
    is half of the way from there.
    """
    reference, basis, what = _reference(rungs)
    if rungs.groups == 1 < rungs.rows:
        return Goal(None, None, "nothing", NOTHING + ALIKE.format(rungs.rows))
    if reference is None:
        return Goal(None, None, "nothing", what)
    gap = rungs.constant - reference
    error = CLEAR * rungs.learner.gain_error if basis == "learner" and rungs.learner else 0.0
    if not gap > max(LEAST_GAP * abs(rungs.constant), error):
        return Goal(
            None,
            reference,
            "nothing",
            NOTHING + _hardly(rungs.constant, reference, what),
        )
    linear = rungs.losses.get("linear") if rungs.straight else None
    return measured(rungs.constant, linear, reference, basis, what)


def measured(
    constant: float, linear: float | None, reference: float, basis: Basis, what: str
) -> Goal:
    """Return the goal for an achievable loss; what: what scores it, in words.

    linear: the lowest loss of a linear model, None where there is no such.
    """
    goals = {f"a constant prediction ({constant:.4g})": (CLOSED, constant)}
    if linear is not None and 0 <= reference < LEAVES * linear:
        goals[f"the best linear model ({linear:.4g})"] = (BEYOND, linear)
    losses = {name: start - share * (start - reference) for name, (share, start) in goals.items()}
    nearest = min(losses, key=lambda name: losses[name])
    why = (
        f"closing {goals[nearest][0]:.0%} of the gap between {nearest} and {reference:.4g}, {what}"
    )
    return Goal(losses[nearest], reference, basis, why)


def standing(constant: float) -> Goal:
    """Return the goal of a run that ended worse than a constant, where nothing better is known: that."""
    return Goal(constant + STANDING * abs(constant), constant, "constant", WHAT["constant"])


def _reference(rungs: Ladder) -> tuple[float | None, Basis, str]:
    floor, learner = rungs.losses["floor"], rungs.losses["learner"]
    if rungs.memorising and rungs.rows < ENOUGH_ROWS:
        words = WHAT["memorising"] if floor is not None else rungs.reasons["floor"]
        return floor, "memorising", words
    if not rungs.memorising and floor is not None:
        allowed = floor + rungs.allowance
        return allowed if learner is None else min(allowed, learner), "floor", WHAT["floor"]
    if learner is None or rungs.learner is None:
        return None, "nothing", rungs.reasons.get("learner", "no learner could be scored")
    return learner, "learner", _judged(rungs.learner, rungs.rows)


def _judged(learner: Score, rows: int) -> str:
    """Name the learner behind a reference, and how sure its loss is where rows were left out."""
    what = f"the loss of {learner.name} on unseen rows"
    if learner.rows >= rows:
        return what
    return f"{what} (a sample of {learner.rows:,}, to within {CLEAR * learner.error:.1g})"


WHAT: dict[Basis, str] = {
    "floor": "the loss of the mean target of each distinct input",
    "memorising": "the loss of learning these rows by heart",
    "learner": "the loss of the best standard learner on unseen rows",
    "constant": "no worse than a constant prediction, and nothing better is known to be achievable",
}


def _hardly(constant: float, reference: float, what: str) -> str:
    if constant == 0:
        return "a constant prediction has no loss at all"
    return (
        f"a constant prediction scores {constant:.4g},"
        f" and {reference:.4g}, {what}, is hardly less if at all"
    )
