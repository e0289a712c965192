"""What a rule says: a suspicion with its numbers, or that it could not look, and why."""

from __future__ import annotations

import dataclasses
from typing import Literal

from unstuck.core.change import Change
from unstuck.core.recording import Where

Role = Literal["cause", "suspect", "note"]
Severity = Literal["high", "medium", "low"]


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """One measured number beside the threshold that it crossed; above: sick when larger."""

    quantity: str
    measured: float
    threshold: float
    unit: str = ""
    site: str = ""
    step: int | None = None
    above: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A suspected fault. Rules yield it as a suspect; only a trial makes it a cause.

    severity: how much it hurts; confidence: how sure the rule is, 0 to 1; because: why it has its
    role; explained_by: the name of the fault of which this one is the mechanism; remedies: changes
    that would remove it, the mildest first (alternatives, not steps); answer: it is about the data or
    the measuring, so its evidence stands by itself and no change is offered; hypothesis: nothing shows
    it, but another fault may hide it: offered to the search, and reported only if a trial proves it.
    """

    code: str
    name: str
    message: str
    evidence: tuple[Evidence, ...]
    where: Where | None = None
    remedies: tuple[Change, ...] = ()
    severity: Severity = "medium"
    confidence: float = 0.8
    role: Role = "suspect"
    because: str = ""
    explained_by: str | None = None
    answer: bool = False
    hypothesis: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class NotRun:
    """What could not be decided, and why."""

    kind: Literal["rule", "quantity", "trial", "patch"]
    name: str
    because: str
