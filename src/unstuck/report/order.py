"""In which order findings are told: causes first, and among equals the one that matters most."""

from __future__ import annotations

import math

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Finding

ROLES = ("cause", "suspect", "note")
SEVERITIES = ("high", "medium", "low")


def ordered(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """Return the findings by role, then by measured effect, then by severity and confidence."""
    return tuple(sorted(diagnosis.findings, key=lambda finding: _rank(diagnosis, finding)))


def effect(diagnosis: Diagnosis, finding: Finding) -> float | None:
    """Return how much the share of starts that learn depends on this fault; None where untried."""
    trial = diagnosis.trials.get(finding.name)
    return None if trial is None or math.isnan(trial.effect) else trial.effect


def _rank(diagnosis: Diagnosis, finding: Finding) -> tuple[int, float, int, float, str]:
    measured = effect(diagnosis, finding)
    return (
        ROLES.index(finding.role),
        math.inf if measured is None else -measured,
        SEVERITIES.index(finding.severity),
        -finding.confidence,
        finding.code,
    )
