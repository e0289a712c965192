"""The exact command to type next, which is how every report ends."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Finding
from unstuck.report.order import ordered


def next_command(diagnosis: Diagnosis, target: Sequence[str]) -> str | None:
    """Return what to type now, None where nothing is left to do.

    target: the words that started the script, such as ``("train.py", "--lr", "0.1")``.
    """
    if diagnosis.verdict == "learned":
        return None
    if diagnosis.prescription is not None and diagnosis.verdict != "floor":
        unsafe = ["--unsafe"] if diagnosis.prescription.safety.value == "unsafe" else []
        return shlex.join(["unstuck", "fix", *unsafe, *target])
    found = [finding for finding in ordered(diagnosis) if _leads(diagnosis, finding)]
    if found:
        return shlex.join(["unstuck", "explain", found[0].name])
    if any(gap.kind == "trial" for gap in diagnosis.not_run):
        return shlex.join(["unstuck", "run", "--budget", "5m", *target])
    return None


def _leads(diagnosis: Diagnosis, finding: Finding) -> bool:
    """Whether reading about this finding is a step forward."""
    return finding.answer or (finding.role != "note" and diagnosis.verdict != "floor")
