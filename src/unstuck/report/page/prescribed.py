"""The prescription as the page shows it: what to do, how well it does, and the diff line by line."""

from __future__ import annotations

import dataclasses

from markupsafe import Markup

from unstuck.core.diagnosis import Diagnosis
from unstuck.report.cure import effect, proof
from unstuck.report.page.embedded import in_script, shortened

LARGEST = (
    300_000  # signs of a patch that a report holds: a file that somebody can send stays below 2 MB
)
KINDS = {"+": "add", "-": "del", "@": "hunk"}


@dataclasses.dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a diff, and what it does."""

    text: str
    kind: str


@dataclasses.dataclass(frozen=True, slots=True)
class Cure:
    """What to do; json: the diff as the copy button reads it, byte for byte."""

    title: str
    say: tuple[str, ...]
    effect: str
    proof: str
    diff: str
    lines: tuple[DiffLine, ...]
    json: Markup


def cure(diagnosis: Diagnosis) -> Cure | None:
    """Return the prescription in the page's words; None where there is none."""
    chosen = diagnosis.prescription
    if chosen is None:
        return None
    title = "The cure" if chosen.aim is None else "What shortens it"
    diff = "" if chosen.patch is None else chosen.patch.diff
    if len(diff) > LARGEST:
        told = f"{proof(chosen)} It is too long for this page: unstuck report -v prints it."
        return Cure(title, chosen.say, effect(chosen), told, "", (), in_script(""))
    lines = tuple(DiffLine(shortened(text), _kind(text)) for text in diff.split("\n")[:-1])
    return Cure(title, chosen.say, effect(chosen), proof(chosen), diff, lines, in_script(diff))


def _kind(text: str) -> str:
    return "hunk" if text.startswith(("---", "+++")) else KINDS.get(text[:1], "")
