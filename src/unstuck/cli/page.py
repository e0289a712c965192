"""The HTML report of a run folder: gathers what it shows, writes it, opens it."""

from __future__ import annotations

import dataclasses
import os
import sys
import webbrowser
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unstuck.cli import run_folder

if TYPE_CHECKING:
    from unstuck.core.diagnosis import Diagnosis
    from unstuck.core.pictures import Pictures
    from unstuck.report.source import Source

NAME = "report.html"


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What of the user's may be in a report. data: rows; anonymous: neither paths nor source."""

    data: bool = False
    anonymous: bool = False


def write(diagnosis: Diagnosis, folder: Path, file: Path, asked: Asked = Asked()) -> None:
    """Write the HTML report of a run; raises OSError where the file cannot be written."""
    from unstuck.report.json import replace_text
    from unstuck.report.page.page import page
    from unstuck.rules.reasons import reasons

    measured = pictures(diagnosis, folder, asked)
    words = reasons(finding.name for finding in diagnosis.findings)
    text = page(*told(diagnosis, folder, asked), pictures=measured, when=_when(folder), why=words)
    replace_text(file, text)


def _when(folder: Path) -> str:
    """Return the day of the run in words, "" where that is not known."""
    try:
        began = run_folder.outcome(folder)[1].time
    except click.UsageError:
        return ""
    return f"{date.fromtimestamp(began):%d %B %Y}".removeprefix("0")


def make(
    diagnosis: Diagnosis, folder: Path, file: Path | None, asked: Asked, *, open_: bool = False
) -> None:
    """Write the report where the user wishes (into the run folder by default), say so, and open it."""
    place = file or folder / NAME
    try:
        write(diagnosis, folder, place, asked)
    except OSError as error:
        raise click.UsageError(f"{str(place)!r} was not written: {error.strerror}") from error
    click.echo(f"unstuck: the report is in {place}", err=True)
    if open_ and not sys.stdout.isatty():
        click.echo("unstuck: it is not opened, since this is no terminal", err=True)
    elif open_ and not webbrowser.open(place.absolute().as_uri()):
        click.echo("unstuck: no browser was found to open it", err=True)


def draw(diagnosis: Diagnosis, folder: Path, place: Path) -> None:
    """Write the report's pictures as files, and say which."""
    from unstuck.report.figures import NoRenderer, write_png, write_svg
    from unstuck.report.picture.drawn import every

    drawn = every(diagnosis, pictures(diagnosis, folder, Asked()))
    try:
        files = write_svg(drawn, place)
        try:
            files += write_png(files)
        except NoRenderer:
            click.echo(
                "unstuck: for PNG files, vl-convert is missing: pip install 'unstuck[report]'",
                err=True,
            )
    except OSError as error:
        raise click.UsageError(
            f"nothing was drawn into {str(place)!r}: {error.strerror}"
        ) from error
    click.echo(f"unstuck: {len(files)} files are in {place}", err=True)


def told(diagnosis: Diagnosis, folder: Path, asked: Asked) -> tuple[Diagnosis, Source]:
    """Return the diagnosis as it may be told, and the source that may be quoted."""
    quoted = source(diagnosis, folder)
    if not asked.anonymous:
        return diagnosis, quoted
    from unstuck.report.anonymous import anonymous

    return anonymous(diagnosis, quoted)


def source(diagnosis: Diagnosis, folder: Path) -> Source:
    """Return how the script was called, and which of its files are not what was run any more."""
    from unstuck.report.source import Source

    files = {finding.where.file for finding in diagnosis.findings if finding.where is not None}
    try:
        sources = run_folder.outcome(folder)[1]
        changed = frozenset(file for file in files if sources.changed([file]))
    except click.UsageError:
        changed = frozenset()
    return Source(run_folder.target(folder).words, Path(os.getcwd()), changed)


def pictures(diagnosis: Diagnosis, folder: Path, asked: Asked) -> Pictures | None:
    """Return what is measured of the recording for pictures; None where there is no recording."""
    from unstuck.record.folder import Unreadable, load

    try:
        recording = load(folder)
    except Unreadable:
        return None
    from unstuck.probe.pictures.gathered import pictures as gathered

    found = gathered(recording, diagnosis, data=asked.data)
    if not asked.anonymous:
        return found
    from unstuck.report.anonymous import scrubber

    scrub = scrubber(diagnosis, source(diagnosis, folder))
    left_out = {name: scrub(why) for name, why in found.left_out.items()}
    return dataclasses.replace(found, left_out=left_out)
