"""Reads a Diagnosis back from its JSON document, for `unstuck report` and `unstuck fix --run`.

What the document leaves out is left out here too: remedies, losses of single members, curves of trials.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from unstuck.core.change import Safety
from unstuck.core.diagnosis import Diagnosis, Ladder, LossSummary
from unstuck.core.finding import Evidence, Finding, NotRun
from unstuck.core.recording import Where
from unstuck.core.trial import Arm, Attempt, Patch, Prescription, Trial
from unstuck.report.json import SCHEMA, replace_text

PATCH = "patch.json"

Document = dict[str, Any]


class Unreadable(ValueError):
    """This is no diagnosis of ours, or one of another version; the message says which."""


def loads(text: str) -> Diagnosis:
    """Return the diagnosis that a JSON text describes."""
    try:
        content = json.loads(text)
        if content["schema"] != SCHEMA:
            raise Unreadable(f"it has schema {content['schema']}, and this is schema {SCHEMA}")
        return _diagnosis(content)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise Unreadable(f"it is no diagnosis: {error}") from error


def write_patch(patch: Patch, folder: Path) -> None:
    """Keep a patch's files beside the diagnosis, whose document holds only the diff."""
    content = {"files": patch.files, "diff": patch.diff}
    replace_text(folder / PATCH, json.dumps(content, ensure_ascii=False) + "\n")


def read_patch(folder: Path) -> Patch | None:
    """Return the patch kept in a run folder; None where there is none."""
    try:
        content = json.loads((folder / PATCH).read_text(encoding="utf-8"))
        return Patch(dict(content["files"]), content["diff"])
    except (OSError, KeyError, TypeError, ValueError):
        return None


def _number(value: float | str | None) -> float:
    return math.nan if value is None else float(value)


def _maybe(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _diagnosis(content: Document) -> Diagnosis:
    trials = {
        finding["name"]: _trial(finding["name"], finding["trial"])
        for finding in content["findings"]
        if finding["trial"] is not None
    }
    return Diagnosis(
        script=content["script"],
        verdict=content["verdict"],
        sentence=content["sentence"],
        loss=_loss(content["loss"]),
        ladder=_ladder(content["loss"]),
        findings=tuple(_finding(finding) for finding in content["findings"]),
        trials=trials,
        not_run=tuple(NotRun(**gap) for gap in content["not_run"]),
        prescription=_prescription(content["prescription"]),
        tried=tuple(_attempt(attempt) for attempt in content["tried"]),
        took={phase: _number(took) for phase, took in content["took"].items()},
        run_folder=content["run"] or "",
    )


def _loss(loss: Document | None) -> LossSummary | None:
    if loss is None:
        return None
    curve = tuple((int(step), _number(value)) for step, value in loss["curve"])
    start, end = _number(loss["start"]), _number(loss["end"])
    comparable = loss.get("comparable", True)  # documents of before it was told do not hold it
    return LossSummary(loss["name"], start, end, loss["steps"], curve, comparable)


def _ladder(loss: Document | None) -> Ladder | None:
    """A ladder was drawn where anything on it is known."""
    if loss is None:
        return None
    values = (*loss["ladder"].values(), loss["trained"], loss["goal"])
    if not loss["why_goal"] and all(value is None for value in values):
        return None
    rungs = {name: _maybe(rung) for name, rung in loss["ladder"].items()}
    return Ladder(rungs, _number(loss["trained"]), _maybe(loss["goal"]), loss["why_goal"])


def _finding(found: Document) -> Finding:
    where = found["where"]
    return Finding(
        code=found["code"],
        name=found["name"],
        message=found["message"],
        evidence=tuple(_evidence(evidence) for evidence in found["evidence"]),
        where=None if where is None else Where(where["file"], where["line"]),
        severity=found["severity"],
        confidence=found["confidence"],
        role=found["role"],
        because=found["because"],
        explained_by=found["explained_by"],
        answer=found["answer"],
    )


def _evidence(evidence: Document) -> Evidence:
    return Evidence(
        evidence["quantity"],
        _number(evidence["measured"]),
        _number(evidence["threshold"]),
        evidence["unit"],
        evidence["site"],
        evidence["step"],
        evidence["sick"] == "above",
    )


def _trial(name: str, trial: Document) -> Trial:
    def arm(side: str) -> Arm:
        share, members = _number(trial[side]), trial["members"]
        learned = 0 if math.isnan(share) else round(share * members)
        low, high = trial[f"{side}_ci"]
        return Arm(
            learned, members, (_number(low), _number(high)), 0, _maybe(trial[f"{side}_steps"])
        )

    low, high = trial["effect_ci"]
    return Trial(
        name=name,
        without=arm("without"),
        with_it=arm("with"),
        effect=_number(trial["effect"]),
        interval=(_number(low), _number(high)),
        verdict=trial["verdict"],
        cost=trial["cost"],
        because=trial["because"],
        aim=trial.get("aim"),
    )


def _arm(arm: Document) -> Arm:
    low, high = (_number(end) for end in arm["ci"])
    return Arm(
        arm["learned"], arm["members"], (low, high), arm["steps"], _maybe(arm["median_steps"])
    )


def _attempt(attempt: Document) -> Attempt:
    return Attempt(tuple(attempt["names"]), attempt["say"], _arm(attempt))


def _prescription(chosen: Document | None) -> Prescription | None:
    if chosen is None:
        return None
    diff = chosen["diff"]
    return Prescription(
        names=tuple(chosen["names"]),
        say=tuple(chosen["say"]),
        safety=Safety(chosen["safety"]),
        without=_arm(chosen["without"]),
        with_it=_arm(chosen["with"]),
        alternatives=tuple(_attempt(other) for other in chosen["alternatives"]),
        patch=None if diff is None else Patch({}, diff),
        proof=chosen["proof"],
        seeds=chosen["seeds"],
        before=chosen["before"],
        after=chosen["after"],
        aim=chosen.get("aim"),
    )
