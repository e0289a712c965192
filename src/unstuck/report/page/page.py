"""Puts a Diagnosis and its pictures into the template: the whole of an HTML report."""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jinja2
from markupsafe import Markup

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.pictures import Pictures
from unstuck.report.chart.paint import PAGE
from unstuck.report.chart.svg import shown
from unstuck.report.next_command import next_command
from unstuck.report.page.embedded import in_script, quoted
from unstuck.report.page.findings import Shown, causes_and_answers, lists
from unstuck.report.page.prescribed import cure
from unstuck.report.picture.course import course
from unstuck.report.picture.drawn import parts
from unstuck.report.picture.picture import HALF, PHONE, Picture
from unstuck.report.picture.trial import cure_picture
from unstuck.report.screen import headed
from unstuck.report.source import Source
from unstuck.runner import trouble

FOLDER = Path(__file__).parent


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """A picture as markup, in two widths; whole: it takes a line of the page by itself."""

    key: str
    title: str
    caption: str
    wide: Markup
    phone: Markup
    table: tuple[tuple[str, ...], ...]
    whole: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A section of pictures."""

    key: str
    title: str
    pictures: tuple[Figure, ...]


def page(
    diagnosis: Diagnosis,
    source: Source,
    *,
    pictures: Pictures | None = None,
    when: str = "",
    why: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the whole HTML file.

    pictures: what was measured for it, None where nothing was; when: of the run; why: name of a fault -> why
    it keeps a network from learning, in paragraphs.
    """
    mood, sentence = headed(diagnosis)
    drawn = course(diagnosis, pictures.ahead if pictures else None)
    causes, answers = causes_and_answers(diagnosis, source, why)
    sections = parts(pictures)
    chosen = cure(diagnosis)
    made, failed = _parts(sections)
    if pictures is not None and failed:
        left_out = {**pictures.left_out, **failed}
        pictures = dataclasses.replace(pictures, left_out=left_out)
    listed = lists(diagnosis, source, pictures)
    command = next_command(diagnosis, source.target)
    style, script = text_of("style.css"), text_of("script.js")
    return template("page.html").render(
        policy=policy(style, script),
        style=Markup(style),
        script=Markup(script),
        name=source.name(diagnosis.script) if diagnosis.script else "a script",
        mood=mood,
        sentence=sentence,
        when=when,
        loss=None if drawn is None else figure(drawn),
        causes=[_with_figure(one) for one in causes],
        answers=[_with_figure(one) for one in answers],
        brief=bool(causes or chosen or any(one.key == "suspects" for one in listed)),
        cure=chosen,
        tried=_tried(diagnosis),
        command=command,
        command_json=in_script(command or ""),
        parts=made,
        rows=None if pictures is None else pictures.rows,
        lists=listed,
        holds=holds(diagnosis, source, [p for _, _, found in sections for p in found], pictures),
        version=metadata.version("unstuck"),
    )


def _parts(
    sections: list[tuple[str, str, list[Picture]]],
) -> tuple[list[Part], dict[str, str]]:
    """Return the sections of pictures, and those that could not be drawn -> why: the report stands without them."""
    made, failed = [], {}
    for key, title, found in sections:
        figures = []
        for one in found:
            try:
                figures.append(figure(one))
            except Exception as error:
                if trouble.raising():
                    raise
                failed[one.title] = f"drawing it failed: {type(error).__name__}: {error}"
        made.append(Part(key, title, tuple(figures)))
    return [part for part in made if part.pictures], failed


def figure(one: Picture) -> Figure:
    """Return a picture in both widths."""
    return Figure(
        one.key,
        one.title,
        one.caption,
        one.draw(one.width, PAGE),
        one.draw(PHONE, PAGE),
        one.table,
        one.width > HALF,
    )


def _tried(diagnosis: Diagnosis) -> Figure | None:
    """Return the whole cure beside the script as it is."""
    chosen, ladder = diagnosis.prescription, diagnosis.ladder
    goal = None if ladder is None else ladder.goal
    drawn = None if chosen is None else cure_picture(chosen, goal)
    return None if drawn is None else figure(drawn)


def _with_figure(one: Shown) -> Any:
    return {
        **{field.name: getattr(one, field.name) for field in dataclasses.fields(one)},
        "trial": None if one.trial is None else figure(one.trial),
    }


def policy(style: str, script: str) -> str:
    """Return the rule by which a browser refuses whatever is not ours, and every request."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def text_of(name: str) -> str:
    """Return a file of this folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


@functools.cache
def template(name: str) -> jinja2.Template:
    """Return a page of this folder to fill in, with escaping on."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_final,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quoted"] = quoted
    return environment.get_template(name)


def _final(value: Any) -> Any:
    """Whatever comes from outside is shown in signs that a file can hold and a reader can see."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def holds(
    diagnosis: Diagnosis, source: Source, drawn: list[Picture], pictures: Pictures | None
) -> list[str]:
    """Return what of the user's is in the file, one sentence each."""
    quoted = any(source.text(one.where) for one in diagnosis.findings if one.where is not None)
    patched = diagnosis.prescription is not None and diagnosis.prescription.patch is not None
    found = []
    if quoted or patched:
        found.append(
            "Lines of the script: those that findings point at, and those around a change."
        )
    found.append(
        f"The name of the script{' and of its files' if diagnosis.findings else ''}, names of layers, and"
        " numbers measured of them."
    )
    if diagnosis.loss is not None:
        found.append(f"The curve of the loss, thinned to {len(diagnosis.loss.curve)} points.")
    found += [f"{one.title}: {one.embeds}." for one in drawn if one.embeds]
    rows = pictures is not None and bool(pictures.rows)
    found.append("Rows of the data, as asked for." if rows else "No rows of the data.")
    return found
