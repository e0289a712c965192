"""A Diagnosis as Markdown: an answer that one could post to a forum or an issue.

Belongs here: verdict, causes with their evidence, the patch. What was not proved is told in a line each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Finding
from unstuck.core.recording import Where
from unstuck.report.cause import measured, outcome
from unstuck.report.chart.svg import shown
from unstuck.report.cure import effect, proof
from unstuck.report.numbers import number
from unstuck.report.order import ordered
from unstuck.report.screen import headed, in_full
from unstuck.report.source import Source

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
AROUND = 2  # lines of source before and after the one that is meant


def markdown(diagnosis: Diagnosis, source: Source) -> str:
    """Return the report as Markdown, with a line break at its end."""
    head, rest = headed(diagnosis)
    told = [finding for finding in ordered(diagnosis) if in_full(diagnosis, finding)]
    others = [finding for finding in ordered(diagnosis) if finding not in told]
    parts = [
        f"**{plain(head)}:** {plain(rest)}",
        _levels(diagnosis),
        *(_finding(diagnosis, finding, source) for finding in told),
        _cure(diagnosis),
        _listed("Suspected, not proved", [f for f in others if f.role == "suspect"], source),
        _listed("Noted, no cause", [f for f in others if f.role == "note"], source),
        _made(diagnosis),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Return text in which nothing is taken for markup, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(shown(text).split()))


def code(text: str) -> str:
    """Return text as code within a line, whatever backticks are in it."""
    words = " ".join(shown(text).split())
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", words)), default=0))
    room = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{ticks}{room}{words}{room}{ticks}"


def fenced(text: str, language: str) -> str:
    """Return lines as a block of code, whatever backticks are in them."""
    body = shown(text).rstrip("\n")
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", body)), default=0))
    return f"{ticks}{language}\n{body}\n{ticks}"


def _levels(diagnosis: Diagnosis) -> str:
    ladder = diagnosis.ladder
    if ladder is None:
        return ""
    rungs = {**ladder.rungs, "goal": ladder.goal, "this run": ladder.end}
    known = [(name, loss) for name, loss in rungs.items() if loss is not None]
    rows = [f"| {name} | {number(loss)} |" for name, loss in sorted(known, key=lambda r: -r[1])]
    return "\n".join(["| level | loss |", "|---|---:|", *rows])


def _finding(diagnosis: Diagnosis, finding: Finding, source: Source) -> str:
    trial = diagnosis.trials.get(finding.name)
    word = "Cause" if finding.role == "cause" else "About"
    place = "" if finding.where is None else f" ({code(source.place(finding.where))})"
    facts = [plain(measured(evidence)) for evidence in finding.evidence]
    if trial is not None:
        facts.append(plain(f"trial: {outcome(trial)}"))
    pieces = [
        f"### {word}: {plain(finding.name)}{place}",
        plain(_sentence(finding.message)),
        "" if finding.where is None else _quoted(finding.where, source),
        "\n".join(f"- {fact}" for fact in facts),
    ]
    return "\n\n".join(piece for piece in pieces if piece)


def _quoted(where: Where, source: Source) -> str:
    lines = source.around(where, AROUND)
    return fenced("\n".join(line.text for line in lines), "python") if lines else ""


def _cure(diagnosis: Diagnosis) -> str:
    chosen = diagnosis.prescription
    if chosen is None:
        return ""
    steps = "\n".join(f"{index}. {plain(say)}" for index, say in enumerate(chosen.say, 1))
    diff = "" if chosen.patch is None else fenced(chosen.patch.diff, "diff")
    told = f"{plain(_sentence(effect(chosen)))} {plain(proof(chosen))}"
    title = "### Cure" if chosen.aim is None else "### What shortens it"
    return "\n\n".join(piece for piece in (title, steps, told, diff) if piece)


def _listed(title: str, findings: Iterable[Finding], source: Source) -> str:
    rows = [_brief(finding, source) for finding in findings]
    return "\n".join([f"**{title}**", "", *rows]) if rows else ""


def _brief(finding: Finding, source: Source) -> str:
    place = "" if finding.where is None else f" ({code(source.place(finding.where))})"
    why = finding.because.removeprefix("not proved: ")
    if finding.explained_by:
        why = f"explained by {finding.explained_by}"
    reason = f" {plain(_sentence(why))}" if why else ""
    return f"- {plain(finding.name)}{place}: {plain(_sentence(finding.message))}{reason}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _made(diagnosis: Diagnosis) -> str:
    if not diagnosis.trials:
        return ""
    members = max(trial.with_it.members for trial in diagnosis.trials.values())
    return (
        f"A cause is what a trial proved: the network was trained from {members} starts with all changes, and"
        " again with one of them left out."
    )
