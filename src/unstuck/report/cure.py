"""The prescription as text: what to change, how well that does, and how far it was verified."""

from __future__ import annotations

from unstuck.core.change import Safety
from unstuck.core.diagnosis import Diagnosis
from unstuck.core.trial import Arm, Attempt, Prescription
from unstuck.report.lines import EMPTY, Line, Page, Span, Style, line, paragraph, safe
from unstuck.report.numbers import number, share

COLOUR: dict[str, Style] = {" ": "", "+": "good", "-": "bad", "@": "place"}


def cure(prescription: Prescription, page: Page) -> list[Line]:
    """Return the changes, their effect and their proof; with -v the other sets and the diff."""
    count = len(prescription.say)
    first = line(Span("Cure" if prescription.aim is None else "Shorter", "good"))
    rows = [
        *paragraph(page, f": {effect(prescription)}", first=first, indent=2),
        *(
            row
            for index, say in enumerate(prescription.say, 1)
            for row in paragraph(
                page, say, first=line(f"  {index}. " if count > 1 else "  "), indent=5
            )
        ),
        *paragraph(page, proof(prescription), first=line("  "), indent=2),
    ]
    if page.verbose:
        rows += [
            row
            for other in prescription.alternatives
            for row in paragraph(page, f"or: {_attempt(other)}", first=line("  "), indent=6)
        ]
        if prescription.patch is not None:
            rows += [EMPTY, *diff_lines(prescription.patch.diff)]
    return rows


def attempts(diagnosis: Diagnosis, page: Page) -> list[Line]:
    """Return the sets of changes that were tried, one line each; only with -v."""
    if not page.verbose or not diagnosis.tried:
        return []
    return [
        line(Span("Tried", "strong")),
        *(
            row
            for attempt in diagnosis.tried
            for row in paragraph(page, _attempt(attempt), first=line("  "), indent=4)
        ),
    ]


def proof(prescription: Prescription) -> str:
    """Return how far the patch was verified, in a sentence."""
    if prescription.proof == "mends":
        return (
            f"Verified: the patched script was run from {prescription.seeds} seeds; "
            f"{share(prescription.after, prescription.seeds)} learned, "
            f"{share(prescription.before, prescription.seeds)} as it is."
        )
    if prescription.proof == "runs":
        return (
            f"The patched script runs, but only {share(prescription.after, prescription.seeds)} "
            f"runs of it learned ({share(prescription.before, prescription.seeds)} as it is)."
        )
    unsafe = {
        Safety.SAFE: "",
        Safety.UNSAFE: " It changes what targets or output mean, or the interface.",
        Safety.SHOW: " It is for you to write: no patch is safe enough.",
    }[prescription.safety]
    if prescription.proof == "parses":
        return f"Proved by trial; the patch parses, and has not been run.{unsafe}"
    return f"Proved by trial; there is no patch for this source.{unsafe}"


def effect(prescription: Prescription) -> str:
    """Return how well the prescription does, in words."""
    without, with_it = prescription.without, prescription.with_it
    if prescription.aim is not None:
        return (
            f"down to {number(prescription.aim)} after {number(with_it.median_steps or 0)} steps (median),"
            f" {number(without.median_steps or 0)} as it is; until it has learned no trial could last"
        )
    return f"{_arm(with_it)}; {share(without.learned, without.members)} as it is"


def _arm(arm: Arm) -> str:
    soon = "" if arm.median_steps is None else f" after {number(arm.median_steps)} steps (median)"
    return f"learned in {share(arm.learned, arm.members)} starts{soon}"


def _attempt(attempt: Attempt) -> str:
    return f"{attempt.say or ' + '.join(attempt.names) or 'as it is'}: {_arm(attempt.arm)}"


def diff_lines(diff: str) -> list[Line]:
    """Return a unified diff as lines in the usual colours."""
    return [line(Span(safe(row), COLOUR.get(row[:1], ""))) for row in diff.splitlines()]
