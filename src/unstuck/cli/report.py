"""`unstuck report`: the diagnosis of an earlier run again, for a terminal, a browser, a forum or a program."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unstuck.cli import page as pages
from unstuck.cli import run_folder, values
from unstuck.cli.options import Colour, color

if TYPE_CHECKING:
    from unstuck.core.diagnosis import Diagnosis
    from unstuck.report.source import Source


@click.command(
    "report",
    epilog="""\b
Examples:
  unstuck report                                  the latest run
  unstuck report .unstuck/runs/<run> -v           another one, with all numbers
  unstuck report --html report.html               pictures, in one file for a browser
  unstuck report --open                           the same, opened
  unstuck report --format markdown                an answer to post
  unstuck report --figures figures                the pictures as SVG and PNG
  unstuck report --format json | jq .verdict""",
)
@click.argument("run", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "sarif", "github", "junit"]),
    default="text",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    callback=values.writable,
    help="Write the report as one HTML file, with pictures.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the pictures as files: SVG, and PNG where unstuck[report] is installed.",
)
@click.option("--open", "open_", is_flag=True, help="Open the HTML report (on a terminal only).")
@click.option("--with-data", is_flag=True, help="Put rows of your data into the HTML report.")
@click.option("--anonymous", is_flag=True, help="Leave out paths and lines of source.")
@click.option(
    "-v", "--verbose", is_flag=True, help="Everything: all numbers, sets tried, the diff."
)
@color
def command(
    *,
    run: Path | None,
    form: str,
    html: Path | None,
    figures: Path | None,
    open_: bool,
    with_data: bool,
    anonymous: bool,
    verbose: bool,
    color: Colour,
) -> None:
    """Show the diagnosis of an earlier run (a folder in .unstuck/runs; the latest by default)."""
    drawn = html is not None or open_
    if with_data and not drawn:
        raise click.UsageError("--with-data is about the HTML report: add --html FILE or --open")
    if form != "text" and (drawn or figures is not None):
        raise click.UsageError(f"--format {form} and a report with pictures contradict each other")
    folder = run_folder.find(run)
    asked = pages.Asked(data=with_data, anonymous=anonymous)
    if form == "json" and not anonymous:
        click.echo(_text(folder), nl=False)
        return
    diagnosis = read(folder)
    if drawn:
        pages.make(diagnosis, folder, html, asked, open_=open_)
    if figures is not None:
        pages.draw(diagnosis, folder, figures)
    if drawn or figures is not None:
        return
    told, source = pages.told(diagnosis, folder, asked)
    if form != "text":
        click.echo(_written(told, source, form), nl=False)
        return
    from unstuck.report.terminal import show

    show(told, sys.stdout, source=source, colour=color, verbosity=int(verbose))


def _written(diagnosis: Diagnosis, source: Source, form: str) -> str:
    """Return the report in one of the forms that are no pictures."""
    from unstuck.report import json, junit, markdown, sarif, workflow

    writers: dict[str, Callable[[Diagnosis, Source], str]] = {
        "json": lambda told, quoted: json.dumps(told, source=quoted),
        "markdown": markdown.markdown,
        "sarif": sarif.sarif,
        "github": workflow.workflow,
        "junit": junit.junit,
    }
    return writers[form](diagnosis, source)


def _text(folder: Path) -> str:
    file = folder / run_folder.DIAGNOSIS
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{str(folder)!r} holds no diagnosis: {error.strerror}") from error


def read(folder: Path) -> Diagnosis:
    """Return the diagnosis that a run folder holds, with the curves of its trials."""
    from unstuck.report.curves import with_curves
    from unstuck.report.saved import Unreadable, loads

    text = _text(folder)
    try:
        return with_curves(loads(text), folder)
    except Unreadable as error:
        file = folder / run_folder.DIAGNOSIS
        raise click.UsageError(f"{str(file)!r} cannot be read: {error}") from error
