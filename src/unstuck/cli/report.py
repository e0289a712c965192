"""`unstuck report`: the diagnosis of an earlier run again, as text or as JSON."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from unstuck.cli import run_folder
from unstuck.cli.options import Colour, color


@click.command(
    "report",
    epilog="""\b
Examples:
  unstuck report                                  the latest run
  unstuck report .unstuck/runs/<run> -v           another one, with all numbers
  unstuck report --format json | jq .verdict""",
)
@click.argument("run", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to write.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Everything: all numbers, sets tried, the diff."
)
@color
def command(*, run: Path | None, form: str, verbose: bool, color: Colour) -> None:
    """Show the diagnosis of an earlier run (a folder in .unstuck/runs; the latest by default)."""
    folder = run_folder.find(run)
    file = folder / run_folder.DIAGNOSIS
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{str(folder)!r} holds no diagnosis: {error.strerror}") from error
    if form == "json":
        click.echo(text, nl=False)
        return
    from unstuck.report.saved import Unreadable, loads
    from unstuck.report.source import Source
    from unstuck.report.terminal import show

    try:
        diagnosis = loads(text)
    except Unreadable as error:
        raise click.UsageError(f"{str(file)!r} cannot be read: {error}") from error
    source = Source(run_folder.target(folder).words, Path(os.getcwd()))
    show(diagnosis, sys.stdout, source=source, colour=color, verbosity=int(verbose))
