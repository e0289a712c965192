"""A Diagnosis in the hands of a user: what `unstuck.diagnose` and `watch().diagnose()` give back.

Belongs here: the ways out of a diagnosis, as text, document, file or picture. What is said and how it
looks is written in `report`; a new form is one line in `FORMS` and, for notebooks, one in `MIME`.
"""

from __future__ import annotations

import dataclasses
import html
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from unstuck.core import diagnosis as core
from unstuck.report import json
from unstuck.report.cure import effect
from unstuck.report.lines import EMPTY, paragraph
from unstuck.report.source import Source
from unstuck.report.terminal import Colour, page, paint, show


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(core.Diagnosis):
    """What is wrong, what shows it, and what mends it; every reporter takes it as it is.

    verdict: `learned`, `floor`, `slow`, `stuck`, `diverged` or `unknown`; sentence: the same in words;
    causes: the findings that a trial proved; findings: these, suspects and notes; not_run: what could
    not be decided, and why; prescription: the smallest set of changes that was seen to mend, or None; taken:
    what was chosen because it was not given, in sentences.
    """

    taken: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return the verdict, the causes and the cure in a few lines."""
        return "\n".join([_said(self), *_causes(self), *_cure(self), *_taken(self)])

    def to_dict(self) -> dict[str, Any]:
        """Return the document of docs/json.md as dictionaries and lists that JSON can hold."""
        return json.document(self, source=Source())

    def to_json(self) -> str:
        """Return the document of docs/json.md as text."""
        return json.dumps(self)

    def save(self, path: str | Path) -> None:
        """Write it to a file: `.json` the document, `.txt` and `.html` the report. Raises ValueError for other endings."""
        form = FORMS.get(Path(path).suffix.lower())
        if form is None:
            known = ", ".join(sorted(FORMS))
            raise ValueError(f"{str(path)!r} has no ending that is known; use one of {known}.")
        json.replace_text(Path(path), form(self))

    def show(self, stream: TextIO | None = None, *, verbose: bool = False) -> None:
        """Print the report (to stdout); verbose: with all numbers, sets that were tried, and the diff."""
        stream = sys.stdout if stream is None else stream
        _written(self, stream, "auto", verbosity=int(verbose))

    def __repr__(self) -> str:
        causes = ", ".join(finding.name for finding in self.causes) or "none proved"
        return f"<Diagnosis: {self.verdict}; causes: {causes}>"

    def __str__(self) -> str:
        return text(self)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, str]:  # what notebooks ask for
        return {kind: form(self) for kind, form in MIME.items()}


def handed(diagnosis: core.Diagnosis) -> Diagnosis:
    """Return a diagnosis of the pipeline as one with ways out."""
    fields = dataclasses.fields(core.Diagnosis)
    return Diagnosis(**{field.name: getattr(diagnosis, field.name) for field in fields})


def text(diagnosis: core.Diagnosis) -> str:
    """Return the report as plain text."""
    stream = io.StringIO()
    _written(diagnosis, stream, "never")
    return stream.getvalue()


def _written(
    diagnosis: core.Diagnosis, stream: TextIO, colour: Colour, *, verbosity: int = 0
) -> None:
    """Write the report, and behind it what was chosen for want of being given."""
    show(diagnosis, stream, source=Source(), colour=colour, verbosity=verbosity, next_=False)
    lines = [row for said in _taken(diagnosis) for row in (EMPTY, *paragraph(page(stream), said))]
    paint(lines, stream, colour=colour)


def _document(diagnosis: core.Diagnosis) -> str:
    return json.dumps(diagnosis)


def web_page(diagnosis: core.Diagnosis) -> str:
    """Return the report as one HTML file, without the pictures that need a recording on disk."""
    from unstuck.report.page.page import page
    from unstuck.rules.reasons import reasons

    why = reasons(finding.name for finding in diagnosis.findings)
    return page(diagnosis, Source(), why=why)


def framed(diagnosis: core.Diagnosis) -> str:
    """Return that file within a frame, where its styles and a notebook's do not meet."""
    return (
        f'<iframe srcdoc="{html.escape(web_page(diagnosis))}" sandbox="allow-scripts"'
        f' title="report of unstuck" style="{FRAME}"></iframe>'
    )


FRAME = "width: 100%; height: 40em; border: 1px solid #ccc"

Form = Callable[[core.Diagnosis], str]

FORMS: dict[str, Form] = {".json": _document, ".txt": text, ".html": web_page}
"""Ending of a file -> what is written into it."""

MIME: dict[str, Form] = {"text/plain": text, "text/html": framed}
"""Kind of content that a notebook can show -> what it is given."""


def _said(diagnosis: core.Diagnosis) -> str:
    said = diagnosis.sentence
    named = said.lower().startswith((diagnosis.verdict, "at the floor"))
    return said if named else f"{diagnosis.verdict.capitalize()}: {said}"


def _taken(diagnosis: core.Diagnosis) -> list[str]:
    said = diagnosis.taken if isinstance(diagnosis, Diagnosis) else ()
    return [f"{one[0].upper()}{one[1:]}." for one in said]


def _causes(diagnosis: core.Diagnosis) -> list[str]:
    return [f"  {f.code} {f.name}: {f.message}" for f in diagnosis.causes]


def _cure(diagnosis: core.Diagnosis) -> list[str]:
    chosen = diagnosis.prescription
    if chosen is None:
        return []
    first = f"{'Cure' if chosen.aim is None else 'Shorter'}: {effect(chosen)}"
    return [first, *(f"  {number}. {say}" for number, say in enumerate(chosen.say, 1))]
