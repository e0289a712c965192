"""`unstuck case`: the casebook, to list, to read, to run and to copy."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path
from typing import Any

import click

from unstuck.casebook import Case, UnknownCase, case, cases
from unstuck.cli.commands import Commands
from unstuck.cli.exercise import check, make
from unstuck.cli.options import FailOn, shared, wishes
from unstuck.cli.run import own, run
from unstuck.cli.target import Target, TargetCommand, words


def _case(name: str) -> Case:
    try:
        return case(name)
    except UnknownCase as error:
        raise click.UsageError(str(error)) from error


@click.group(
    "case",
    cls=Commands,
    epilog="""\b
Examples:
  unstuck case list
  unstuck case run xnor
  unstuck case copy xnor && unstuck fix xnor.py
  unstuck case make --faults 2 --seed 7""",
)
def command() -> None:
    """Real networks that did not learn, to run and to study."""


@command.command("list")
def list_() -> None:
    """List the cases."""
    wide = max(len(one.name) for one in cases())
    for one in cases():
        click.echo(f"{one.name:<{wide}}  {one.title}")


@command.command("show")
@click.argument("name")
def show(*, name: str) -> None:
    """Show a case: its story, what is known of it, and its script."""
    one = _case(name)
    told = textwrap.fill(one.story, 80, break_on_hyphens=False)
    sets = " or ".join(" + ".join(sorted(names)) for names in one.causes) or "none"
    known = textwrap.fill(f"Verdict: {one.verdict}. Causes: {sets}.", 80, break_on_hyphens=False)
    click.echo(f"{one.name}: {one.title}\n\n{told}\n\n{known}\n")
    click.echo(one.script.read_text(encoding="utf-8"), nl=False)


@command.command("run", cls=TargetCommand)
@shared
@own
@click.pass_context
def run_(ctx: click.Context, /, *, rerun: bool, fail_on: FailOn, **given: Any) -> None:
    """Run a case's script and diagnose it, as `unstuck run` does; same options."""
    named = words(ctx)
    if not named:
        raise click.UsageError(f"name a case: {', '.join(one.name for one in cases())}")
    one = _case(named[0])
    target = Target("script", str(one.script), named[1:])
    sys.exit(run(target, wishes(**given), rerun=rerun, fail_on=fail_on))


@command.command("copy")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def copy(*, name: str, folder: Path) -> None:
    """Copy a case's script (and its data) into a folder, this one by default."""
    one = _case(name)
    sources = (one.script, *one.files)
    present = next((folder / file.name for file in sources if (folder / file.name).exists()), None)
    if present is not None:
        raise click.UsageError(f"{str(present)!r} exists already, and is not overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    for file in sources:
        shutil.copyfile(file, folder / file.name)
        click.echo(str(folder / file.name))


command.add_command(make)
command.add_command(check)
