"""The exact command to type next, which is how every report ends."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from unstuck.core.change import Safety
from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Finding
from unstuck.report.order import ordered


def next_command(diagnosis: Diagnosis, target: Sequence[str]) -> str | None:
    """Return what to type now, None where nothing is left to do.

    target: the words that started the script, such as ``("train.py", "--lr", "0.1")``.
    """
    fix = [] if diagnosis.verdict == "learned" else _fix(diagnosis)
    if fix:
        return shlex.join([*fix, *target])
    found = [finding for finding in ordered(diagnosis) if _leads(diagnosis, finding)]
    if found:
        return shlex.join(["unstuck", "explain", found[0].name])
    if diagnosis.verdict == "learned":
        return None
    if any(gap.kind == "trial" for gap in diagnosis.not_run):
        return shlex.join(["unstuck", "run", "--budget", "5m", *target])
    return None


def _fix(diagnosis: Diagnosis) -> list[str]:
    """Return the command that verifies the patch, nothing where there is none that may be applied."""
    chosen = diagnosis.prescription
    if diagnosis.verdict == "floor" or chosen is None or chosen.patch is None:
        return []
    flags = {Safety.SAFE: [], Safety.UNSAFE: ["--unsafe"], Safety.SHOW: None}[chosen.safety]
    return [] if flags is None else ["unstuck", "fix", *flags]


def _leads(diagnosis: Diagnosis, finding: Finding) -> bool:
    """Whether reading about this finding is a step forward; of a run that learned, if it names a line."""
    if diagnosis.verdict == "learned":
        return finding.answer and finding.where is not None
    return finding.answer or (finding.role != "note" and diagnosis.verdict != "floor")
