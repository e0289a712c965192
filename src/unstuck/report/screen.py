"""The report on one screen, in the manner of a linter: verdict, ladder, causes, the rest, what to do.

Belongs here: what is said, in which order and in which words. Does not belong here: colours and
terminals (`terminal`), and any judgement.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from unstuck.core.diagnosis import Diagnosis, Ladder, Verdict
from unstuck.core.finding import Finding, NotRun
from unstuck.report.cause import block, brief
from unstuck.report.cure import attempts, cure
from unstuck.report.ladder import WIDEST, Drawing, Row, drawing
from unstuck.report.lines import EMPTY, Line, Page, Span, Style, fitted, line, paragraph
from unstuck.report.next_command import next_command
from unstuck.report.numbers import duration, number
from unstuck.report.order import ordered
from unstuck.report.source import Source
from unstuck.report.sparkline import sparkline

MOOD: dict[Verdict, Style] = {
    "learned": "good",
    "floor": "good",
    "slow": "warn",
    "stuck": "bad",
    "diverged": "bad",
    "unknown": "warn",
}

COLUMNS = WIDEST  # of the ladder's lines, at most
BESIDE = 40  # columns for labels, losses and a remark beside them
FEWEST = 10
LONGEST_VERDICT = 14  # characters: "At the floor" is the longest that is written


def screen(diagnosis: Diagnosis, page: Page, source: Source, *, next_: bool = True) -> list[Line]:
    """Return the whole report; its last line is the next command to type (unless not `next_`)."""
    findings = ordered(diagnosis)
    rest = [f for f in findings if not in_full(diagnosis, f)]
    sections: Iterable[list[Line]] = (
        _ladder(diagnosis, page),
        *(block(diagnosis, f, page, source) for f in findings if in_full(diagnosis, f)),
        _suspects([f for f in rest if f.role == "suspect"], page, source),
        _notes([f for f in rest if f.role == "note"], page, source),
        _not_run(diagnosis, page),
        attempts(diagnosis, page),
        [] if diagnosis.prescription is None else cure(diagnosis.prescription, page),
        _took(diagnosis, page),
    )
    quiet = page.verbosity < 0
    told = [section for section in sections if section and not quiet]
    last = [end] if next_ and (end := _next(diagnosis, page, source)) else []
    return _spaced([_verdict(diagnosis, page), *told, *last])


def in_full(diagnosis: Diagnosis, finding: Finding) -> bool:
    """Causes have a block of their own, and so have answers: their evidence stands by itself."""
    tells = finding.role != "note" or diagnosis.verdict == "floor" or finding.where is not None
    return finding.role == "cause" or (finding.answer and tells)


def _spaced(sections: list[list[Line]]) -> list[Line]:
    """Join sections with an empty line between them."""
    return [row for section in sections for row in (EMPTY, *section)][1:]


def headed(diagnosis: Diagnosis) -> tuple[str, str]:
    """Return what stands before the sentence's colon, or else the verdict's name, and the rest."""
    head, colon, rest = diagnosis.sentence.partition(": ")
    if not colon or not 0 < len(head) <= LONGEST_VERDICT:
        return diagnosis.verdict.capitalize(), diagnosis.sentence
    return head, rest


def _verdict(diagnosis: Diagnosis, page: Page) -> list[Line]:
    """The sentence; its head is coloured."""
    head, rest = headed(diagnosis)
    return paragraph(page, f": {rest}", first=line(Span(head, MOOD[diagnosis.verdict])), indent=2)


def _ladder(diagnosis: Diagnosis, page: Page) -> list[Line]:
    if diagnosis.ladder is None:
        return []
    steps = None if diagnosis.loss is None else diagnosis.loss.steps
    columns = max(FEWEST, min(COLUMNS, page.width - BESIDE))
    picture = drawing(diagnosis.ladder, columns=columns, steps=steps)
    width = max(len(number(row.loss)) for row in picture.rows)
    return [
        line(Span(_title(diagnosis, picture), "faint")),
        *_curve(diagnosis, page, columns, width),
        *(_rung(row, columns, width, page) for row in picture.rows),
        *_why_goal(diagnosis.ladder, page),
    ]


def _curve(diagnosis: Diagnosis, page: Page, columns: int, width: int) -> list[Line]:
    """The curve of the loss as a line of blocks, over the ladder on whose scale it is."""
    if diagnosis.loss is None or diagnosis.ladder is None:
        return []
    blocks = sparkline(diagnosis.loss, diagnosis.ladder, page.marks, columns=columns)
    label = f"  {'curve':>9}  {'':>{width}}  "
    return [fitted(page, line(Span(label), Span(blocks)))] if blocks else []


def _why_goal(ladder: Ladder, page: Page) -> list[Line]:
    if ladder.goal is None or not ladder.why_goal:
        return []
    return paragraph(page, f"goal: {ladder.why_goal}", first=line("  "), indent=4)


def _title(diagnosis: Diagnosis, picture: Drawing) -> str:
    name = f" ({diagnosis.loss.name})" if diagnosis.loss and diagnosis.loss.name else ""
    scale = ", logarithmic" if picture.logarithmic else ""
    of = f" of {diagnosis.script}" if diagnosis.script else ""
    return f"  loss{of}{name}{scale}"


def _rung(row: Row, columns: int, width: int, page: Page) -> Line:
    marks = page.marks
    mark, stroke, style = {
        "rung": (marks.rung, marks.line, "faint"),
        "run": (marks.run, marks.thick, "strong"),
        "goal": (marks.goal, marks.line, "goal"),
    }[row.kind]
    column = columns - 1 if row.column is None else row.column
    end = marks.beyond if row.column is None else mark
    kind: Style = style  # type: ignore[assignment]
    remark = f"  {row.note}" if row.note else ""
    return fitted(
        page,
        line(
            Span(
                f"  {row.label:>9}  {number(row.loss):>{width}}  ", kind if kind != "faint" else ""
            ),
            Span(stroke * column + end, kind),
            Span(remark, "faint"),
        ),
    )


def _suspects(findings: list[Finding], page: Page, source: Source) -> list[Line]:
    """One line each, under the reason why they were not proved, which many share."""
    rows: list[Line] = []
    reasons = dict.fromkeys(finding.because for finding in findings)
    for because in reasons:
        reason = because.removeprefix("not proved: ")
        why = f": {reason}" if reason else ""
        rows += paragraph(page, why, first=line(Span("Suspected, not proved", "strong")), indent=2)
        rows += [brief(f, page, source) for f in findings if f.because == because]
    return rows


def _notes(findings: list[Finding], page: Page, source: Source) -> list[Line]:
    if not findings:
        return []
    return [line(Span("Noted, no cause", "strong")), *(brief(f, page, source) for f in findings)]


def _not_run(diagnosis: Diagnosis, page: Page) -> list[Line]:
    """What could not be decided, by reason: rules, proofs and patches; measurements with -v only."""
    told = {finding.because for finding in diagnosis.findings if finding.role == "suspect"}
    gaps = [gap for gap in diagnosis.not_run if page.verbose or matters(gap, told)]
    rows = []
    keyed = sorted(gaps, key=lambda gap: (gap.kind, gap.because))
    for (kind, because), group in itertools.groupby(keyed, lambda gap: (gap.kind, gap.because)):
        names = ", ".join(sorted({gap.name for gap in group}))
        rows.append(fitted(page, line(f"  {kind} {names}: {because}")))
    return [line(Span("Not run", "strong")), *rows] if rows else []


def matters(gap: NotRun, told: set[str]) -> bool:
    """Whether a gap is worth a line: not where it only repeats why suspects were not proved."""
    repeats = gap.kind == "trial" and any(because.endswith(gap.because) for because in told)
    return gap.kind != "quantity" and not repeats


def _took(diagnosis: Diagnosis, page: Page) -> list[Line]:
    if not page.verbose or not diagnosis.took:
        return []
    phases = ", ".join(f"{phase} {duration(took)}" for phase, took in diagnosis.took.items())
    return paragraph(page, f"Took {phases}.")


def _next(diagnosis: Diagnosis, page: Page, source: Source) -> list[Line]:
    """The next command on a line of its own, uncut, so that it can be copied."""
    command = next_command(diagnosis, source.target)
    if command is None:
        end = "Nothing to mend." if diagnosis.verdict in {"learned", "floor"} else ""
        return [line(Span(end, "good"))] if end else []
    return [line(Span("Next:", "faint")), line(Span(command, "strong"))]
