"""A Diagnosis as workflow commands of GitHub Actions: notes beside the lines that findings point at."""

from __future__ import annotations

from unstuck.core.diagnosis import Diagnosis, Verdict
from unstuck.core.finding import Finding, Role
from unstuck.report.cause import outcome
from unstuck.report.order import ordered
from unstuck.report.source import Source

COMMANDS: dict[Role, str] = {"cause": "error", "suspect": "warning", "note": "notice"}
MOODS: dict[Verdict, str] = {"stuck": "error", "diverged": "error", "slow": "warning"}


def workflow(diagnosis: Diagnosis, source: Source) -> str:
    """Return one command a line: the verdict, then causes and suspects, then notes."""
    lines = [_command(MOODS.get(diagnosis.verdict, "notice"), diagnosis.sentence, title="unstuck")]
    lines += [_finding(diagnosis, finding, source) for finding in ordered(diagnosis)]
    return "\n".join(lines) + "\n"


def _finding(diagnosis: Diagnosis, finding: Finding, source: Source) -> str:
    trial = diagnosis.trials.get(finding.name)
    why = f"trial: {outcome(trial)}" if trial is not None else finding.because
    text = f"{finding.message}. {why}" if why else finding.message
    place = {}
    if finding.where is not None:
        place = {"file": source.name(finding.where.file), "line": str(finding.where.line)}
    return _command(
        COMMANDS[finding.role],
        text,
        **place,
        title=f"{finding.code} {finding.name} ({finding.role})",
    )


def _command(kind: str, text: str, **properties: str) -> str:
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{kind} {given}::{_data(text)}"


def _data(text: str) -> str:
    """What would end the command, or begin another, is escaped as GitHub's own toolkit does."""
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
