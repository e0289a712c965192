"""One finding as text: a block with its line of source and its numbers, or a single line."""

from __future__ import annotations

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.trial import Trial
from unstuck.report.lines import Line, Page, Span, Style, fitted, line, paragraph, safe
from unstuck.report.numbers import number, share
from unstuck.report.source import Source

SHOWN = 4  # pieces of evidence in a block; the rest is told with -v
PURE = {"", "ratio", "share", "loss"}  # units that say nothing beside the quantity's name
QUICKER = 2.0  # a change that at least halves the steps is worth a word (so is a cause defined)

COLOUR: dict[str, Style] = {"cause": "bad", "suspect": "warn", "note": "faint"}


def block(diagnosis: Diagnosis, finding: Finding, page: Page, source: Source) -> list[Line]:
    """Return a finding in full: name, message, line of source, numbers, trial, reason."""
    gutter, quoted = _quoted(finding.where, page, source)
    facts = [measured(evidence) for evidence in _told(finding, page)]
    hidden = len(finding.evidence) - len(facts)
    if hidden:
        facts.append(f"and {hidden} more measurement{'s' * (hidden > 1)} (-v shows all)")
    trial = diagnosis.trials.get(finding.name)
    if trial is not None:
        facts.append(f"trial: {outcome(trial)}")
    elif finding.because:
        facts.append(finding.because)
    if page.verbose:
        facts.append(f"severity {finding.severity}, confidence {number(finding.confidence)}")
    return [
        *paragraph(page, f": {finding.message}", first=_head(finding), indent=5),
        *quoted,
        *(row for fact in facts for row in _fact(page, gutter, fact)),
    ]


def brief(finding: Finding, page: Page, source: Source) -> Line:
    """Return a finding on one line."""
    where = "" if finding.where is None else f"  {source.place(finding.where)}"
    explained = f"explained by {finding.explained_by}: " if finding.explained_by else ""
    return fitted(
        page,
        line("  ", *_head(finding), Span(where, "place"), f"  {explained}{finding.message}"),
    )


def outcome(trial: Trial) -> str:
    """Return what a trial showed, in words."""
    without, with_it = trial.without, trial.with_it
    if trial.aim is not None:
        return (
            f"down to {number(trial.aim)} after {number(without.median_steps or 0)} steps without this"
            f" change, {number(with_it.median_steps or 0)} with it"
        )
    said = (
        f"learned in {share(without.learned, without.members)} starts without this change, "
        f"{share(with_it.learned, with_it.members)} with it"
    )
    before, after = without.median_steps, with_it.median_steps
    if before is not None and after is not None and before >= QUICKER * after:
        said += f"; after {number(before)} steps without, {number(after)} with it"
    if trial.verdict != "helps":
        said += f" ({trial.verdict.replace('_', ' ')}{': ' * bool(trial.because)}{trial.because})"
    return said


def _head(finding: Finding) -> Line:
    return line(Span(finding.code, COLOUR[finding.role]), " ", Span(finding.name, "strong"))


def _told(finding: Finding, page: Page) -> tuple[Evidence, ...]:
    return finding.evidence if page.verbose else finding.evidence[:SHOWN]


def measured(evidence: Evidence) -> str:
    """Return one number beside its threshold: ``input_offset of feature 0: 17.2 (sick above 5)``."""
    site = f" of {evidence.site}" if evidence.site else ""
    step = "" if evidence.step is None else f" at step {evidence.step:,}"
    unit = f" {evidence.unit}" if evidence.unit not in PURE else ""
    side = "above" if evidence.above else "below"
    return (
        f"{evidence.quantity}{site}{step}: {number(evidence.measured)}{unit}"
        f" (sick {side} {number(evidence.threshold)})"
    )


def _quoted(where: Where | None, page: Page, source: Source) -> tuple[int, list[Line]]:
    """Return the width of the line number's column, and the line of source with its place."""
    if where is None:
        return 3, []
    gutter = max(3, len(str(where.line)))
    place = line(" " * (gutter - 1), Span("--> ", "faint"), Span(source.place(where), "place"))
    code = source.text(where)
    if code is None or not code.strip():
        return gutter, [place]
    bar = line(" " * gutter, Span(" |", "faint"))
    number_ = Span(f"{where.line:>{gutter}} | ", "faint")
    return gutter, [place, bar, fitted(page, line(number_, Span(safe(code.rstrip()), "code"))), bar]


def _fact(page: Page, gutter: int, text: str) -> list[Line]:
    first = line(" " * gutter, Span(" = ", "faint"))
    return paragraph(page, text, first=first, indent=gutter + 3)
