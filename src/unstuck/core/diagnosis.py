"""The one argument of every reporter: verdict, ladder, findings, what was not run, prescription."""

from __future__ import annotations

import dataclasses
from typing import Literal

from unstuck.core.finding import Finding, NotRun
from unstuck.core.trial import Attempt, Prescription, Trial

Verdict = Literal["learned", "floor", "slow", "stuck", "diverged", "unknown"]

RUNGS = ("start", "constant", "linear", "quadratic", "learner", "floor")
"""The rungs of the ladder of losses, from the untrained network down to what no function can beat."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ladder:
    """The loss that simple predictors would score on the user's data, under the user's own loss.

    rungs: name (see `RUNGS`) -> loss, None where not run; end: the trained network; goal: the loss
    that counts as learned; why_goal: where that goal comes from, in words.
    """

    rungs: dict[str, float | None]
    end: float
    goal: float | None
    why_goal: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class LossSummary:
    """The run's loss: its name, first and last value, number of updates, and its thinned curve.

    comparable: whether the curve is of the loss that the ladder is of, and the run is judged by.
    """

    name: str
    start: float
    end: float
    steps: int
    curve: tuple[tuple[int, float], ...] = ()
    comparable: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong, what shows it, and what mends it.

    trials: fault name -> the trial that decided its role. tried: sets of changes in the order in
    which they were tried. took: seconds by phase.
    """

    script: str
    verdict: Verdict
    sentence: str
    loss: LossSummary | None
    ladder: Ladder | None
    findings: tuple[Finding, ...]
    trials: dict[str, Trial]
    not_run: tuple[NotRun, ...]
    prescription: Prescription | None
    tried: tuple[Attempt, ...]
    took: dict[str, float]
    run_folder: str = ""

    @property
    def causes(self) -> tuple[Finding, ...]:
        """The findings that a trial proved."""
        return tuple(finding for finding in self.findings if finding.role == "cause")
