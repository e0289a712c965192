"""Findings as the page shows them: causes and answers in full, the others in a list."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Evidence, Finding
from unstuck.core.pictures import Pictures
from unstuck.core.recording import Where
from unstuck.core.trial import Trial
from unstuck.report.cause import PURE, outcome
from unstuck.report.numbers import number, share
from unstuck.report.order import ordered
from unstuck.report.page.embedded import shortened
from unstuck.report.picture.picture import Picture
from unstuck.report.picture.trial import trial_picture
from unstuck.report.screen import in_full, matters
from unstuck.report.source import Source, SourceLine

AROUND = 2  # lines of source before and after the one that is meant


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A finding in full; counts: what its trial showed, in a few words; change: of the cure, that mends it;
    why: paragraphs on why that keeps a network from learning.
    """

    code: str
    name: str
    message: str
    counts: str
    place: str
    lines: tuple[SourceLine, ...]
    evidence: tuple[tuple[str, ...], ...]
    because: str
    change: str
    why: tuple[str, ...]
    trial: Picture | None


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list."""

    name: str
    place: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """A list of the page; reason: one that all of its entries share."""

    key: str
    title: str
    entries: tuple[Item, ...]
    reason: str = ""


def causes_and_answers(
    diagnosis: Diagnosis, source: Source, why: Mapping[str, str]
) -> tuple[list[Shown], list[Shown]]:
    """Return what is told in full: what was proved, and what stands by its evidence."""
    told = [finding for finding in ordered(diagnosis) if in_full(diagnosis, finding)]
    tried = [finding.name for finding in told if finding.name in diagnosis.trials]
    full = [
        (finding.role, _shown(diagnosis, finding, source, why, first=[finding.name] == tried[:1]))
        for finding in told
    ]
    causes = [one for role, one in full if role == "cause"]
    return causes, [one for role, one in full if role != "cause"]


def lists(diagnosis: Diagnosis, source: Source, pictures: Pictures | None) -> list[Listed]:
    """Return what is told briefly: suspects, notes, what was not run, what was not drawn."""
    rest = [finding for finding in ordered(diagnosis) if not in_full(diagnosis, finding)]
    suspects = [finding for finding in rest if finding.role == "suspect"]
    notes = [_item(finding, source) for finding in rest if finding.role == "note"]
    left_out = (
        []
        if pictures is None
        else [Item(title, "", _sentence(why)) for title, why in pictures.left_out.items()]
    )
    found = (
        _suspects(suspects, source),
        Listed("notes", "Noted, no cause", tuple(notes)),
        Listed("not-run", "Not run", tuple(_not_run(diagnosis))),
        Listed("not-drawn", "Not drawn", tuple(left_out)),
    )
    return [one for one in found if one.entries]


def _suspects(findings: list[Finding], source: Source) -> Listed:
    """Return the suspects; the reason why they were not proved is told once where all share it."""
    reasons = {_why(finding) for finding in findings}
    shared = reasons.pop() if len(reasons) == 1 else ""
    entries = tuple(_item(finding, source, told=shared) for finding in findings)
    return Listed("suspects", "Suspected, not proved", entries, _sentence(shared) if shared else "")


def _shown(
    diagnosis: Diagnosis,
    finding: Finding,
    source: Source,
    why: Mapping[str, str],
    *,
    first: bool,
) -> Shown:
    trial = diagnosis.trials.get(finding.name)
    goal = None if diagnosis.ladder is None else diagnosis.ladder.goal
    changes = _changes(diagnosis)
    alone = len(changes) < 2
    where = finding.where
    return Shown(
        finding.code,
        finding.name,
        finding.message,
        "" if trial is None else _counts(trial),
        "" if where is None else source.place(where),
        () if where is None else _lines(where, source),
        _evidence(finding.evidence),
        finding.because if trial is None else "",
        changes.get(finding.name, ""),
        tuple(" ".join(part.split()) for part in why.get(finding.name, "").split("\n\n") if part),
        None if trial is None else trial_picture(trial, goal, first=first, alone=alone),
    )


def _changes(diagnosis: Diagnosis) -> dict[str, str]:
    """Return what the cure does about each fault."""
    chosen = diagnosis.prescription
    return {} if chosen is None else dict(zip(chosen.names, chosen.say, strict=False))


def _lines(where: Where, source: Source) -> tuple[SourceLine, ...]:
    return tuple(
        dataclasses.replace(line, text=shortened(line.text))
        for line in source.around(where, AROUND)
    )


def _counts(trial: Trial) -> str:
    a, b = trial.without, trial.with_it
    if trial.aim is not None:
        return outcome(trial)
    return f"{share(a.learned, a.members)} learn without the change, {share(b.learned, b.members)} with it"


def _evidence(evidence: Iterable[Evidence]) -> tuple[tuple[str, ...], ...]:
    rows = [_measured(one) for one in evidence]
    return (("measured", "value", "sick where"), *rows) if rows else ()


WORDS = {
    ("ladder", "end"): "loss at the end",
    ("progress", "late"): "gained in the last tenth of the run",
    ("progress", "total"): "gained in the whole run",
    ("setup", ""): "in the script",
}
"""What quantities are called whose own names say little: (quantity, site) -> words."""


def _measured(one: Evidence) -> tuple[str, ...]:
    site = f" of {one.site}" if one.site else ""
    step = "" if one.step is None else f" at step {one.step:,}"
    unit = f" {one.unit}" if one.unit not in PURE else ""
    side = "above" if one.above else "below"
    name = WORDS.get((one.quantity, one.site), f"{one.quantity.replace('_', ' ')}{site}")
    return (
        f"{name}{step}",
        f"{number(one.measured)}{unit}",
        f"{side} {number(one.threshold)}",
    )


def _item(finding: Finding, source: Source, *, told: str = "") -> Item:
    """Return a finding in a line or two; told: a reason that need not be repeated."""
    place = "" if finding.where is None else source.place(finding.where)
    why = _why(finding)
    said = (finding.message, "" if why == told else why)
    return Item(finding.name, place, " ".join(map(_sentence, filter(None, said))))


def _why(finding: Finding) -> str:
    if finding.explained_by:
        return f"explained by {finding.explained_by}"
    return finding.because.removeprefix("not proved: ")


def _sentence(text: str) -> str:
    """Return text that begins with a capital and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _not_run(diagnosis: Diagnosis) -> list[Item]:
    told = {finding.because for finding in diagnosis.findings if finding.role == "suspect"}
    gaps = sorted(
        (gap for gap in diagnosis.not_run if matters(gap, told)),
        key=lambda gap: (gap.kind, gap.because),
    )
    return [
        Item(f"{kind} {', '.join(sorted({gap.name for gap in group}))}", "", _sentence(because))
        for (kind, because), group in itertools.groupby(gaps, lambda g: (g.kind, g.because))
    ]
