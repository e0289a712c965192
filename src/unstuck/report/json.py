"""A Diagnosis as JSON and back: the documented interface for programs (`docs/json.md`).

Belongs here: the shape of that document, whose schema is `diagnosis.schema.json` beside this file.
It is valid JSON always: NaN is null, infinities are the strings "Infinity" and "-Infinity".
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

from unstuck.core.diagnosis import RUNGS, Diagnosis
from unstuck.core.finding import Evidence, Finding
from unstuck.core.trial import Arm, Attempt, Prescription, Trial
from unstuck.report.order import effect, ordered
from unstuck.report.source import Source

SCHEMA = 1
"""Version of the document; raised when a reader of the former one could misread it."""

SCHEMA_FILE = Path(__file__).with_name("diagnosis.schema.json")

Document = dict[str, Any]


def dumps(diagnosis: Diagnosis, *, source: Source | None = None) -> str:
    """Return the diagnosis as a JSON text; files are named relative to the source's folder."""
    content = document(diagnosis, source=source or Source())
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write(diagnosis: Diagnosis, path: Path, *, source: Source | None = None) -> None:
    """Write the document at once or not at all: readers never see half of it."""
    replace_text(path, dumps(diagnosis, source=source))


def replace_text(path: Path, text: str) -> None:
    """Replace a file's content in one move; what is no regular file (a pipe, a device) is written to."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def document(diagnosis: Diagnosis, *, source: Source) -> Document:
    """Return the document as dictionaries and lists, with nothing in it that JSON lacks."""
    content = {
        "schema": SCHEMA,
        "script": diagnosis.script,
        "run": diagnosis.run_folder or None,
        "verdict": diagnosis.verdict,
        "sentence": diagnosis.sentence,
        "loss": _loss(diagnosis),
        "findings": [_finding(diagnosis, finding, source) for finding in ordered(diagnosis)],
        "not_run": [
            {"kind": gap.kind, "name": gap.name, "because": gap.because}
            for gap in diagnosis.not_run
        ],
        "prescription": _prescription(diagnosis.prescription),
        "tried": [_attempt(attempt) for attempt in diagnosis.tried],
        "took": dict(diagnosis.took),
    }
    finite: Document = _finite(content)
    return finite


def _finite(value: Any) -> Any:
    """Replace numbers that JSON lacks: NaN by null, infinities by their names."""
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    number = float(value)
    if math.isfinite(number):
        return number
    return None if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")


def _loss(diagnosis: Diagnosis) -> Document | None:
    if diagnosis.loss is None:
        return None
    loss, ladder = diagnosis.loss, diagnosis.ladder
    return {
        "name": loss.name,
        "start": loss.start,
        "end": loss.end,
        "steps": loss.steps,
        "curve": loss.curve,
        "comparable": loss.comparable,
        "ladder": {name: ladder.rungs.get(name) if ladder else None for name in RUNGS},
        "trained": ladder.end if ladder else None,
        "goal": ladder.goal if ladder else None,
        "why_goal": ladder.why_goal if ladder else "",
    }


def _finding(diagnosis: Diagnosis, finding: Finding, source: Source) -> Document:
    where = finding.where
    trial = diagnosis.trials.get(finding.name)
    return {
        "code": finding.code,
        "name": finding.name,
        "role": finding.role,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "answer": finding.answer,
        "message": finding.message,
        "where": {"file": source.name(where.file), "line": where.line} if where else None,
        "because": finding.because,
        "explained_by": finding.explained_by,
        "effect": effect(diagnosis, finding),
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
        "trial": None if trial is None else _trial(trial),
    }


def _evidence(evidence: Evidence) -> Document:
    return {
        "quantity": evidence.quantity,
        "measured": evidence.measured,
        "threshold": evidence.threshold,
        "sick": "above" if evidence.above else "below",
        "unit": evidence.unit,
        "site": evidence.site,
        "step": evidence.step,
    }


def _trial(trial: Trial) -> Document:
    return {
        "members": trial.with_it.members,
        "without": trial.without.share,
        "with": trial.with_it.share,
        "without_ci": trial.without.interval,
        "with_ci": trial.with_it.interval,
        "without_steps": trial.without.median_steps,
        "with_steps": trial.with_it.median_steps,
        "effect": trial.effect,
        "effect_ci": trial.interval,
        "verdict": trial.verdict,
        "because": trial.because,
        "cost": trial.cost,
        "aim": trial.aim,
    }


def _arm(arm: Arm) -> Document:
    return {
        "members": arm.members,
        "learned": arm.learned,
        "share": arm.share,
        "ci": arm.interval,
        "steps": arm.steps,
        "median_steps": arm.median_steps,
    }


def _attempt(attempt: Attempt) -> Document:
    return {"names": attempt.names, "say": attempt.say, **_arm(attempt.arm)}


def _prescription(chosen: Prescription | None) -> Document | None:
    if chosen is None:
        return None
    return {
        "names": chosen.names,
        "say": chosen.say,
        "safety": chosen.safety.value,
        "proof": chosen.proof,
        "seeds": chosen.seeds,
        "before": chosen.before,
        "after": chosen.after,
        "aim": chosen.aim,
        "without": _arm(chosen.without),
        "with": _arm(chosen.with_it),
        "alternatives": [_attempt(other) for other in chosen.alternatives],
        "diff": None if chosen.patch is None else chosen.patch.diff,
    }
