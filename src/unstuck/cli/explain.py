"""`unstuck explain`: a rule's page, set for a terminal or plain for a pipe."""

from __future__ import annotations

import inspect
import os
import sys

import click

from unstuck.cli.options import Colour, color


@click.command(
    "explain",
    epilog="""\b
Examples:
  unstuck explain missing-zero-grad
  unstuck explain O001""",
)
@click.argument("name", metavar="NAME|CODE")
@color
def command(*, name: str, color: Colour) -> None:
    """Explain a fault: what happens, why it stops learning, when it is fine, how it is proved."""
    from unstuck.rules import UnknownRule, rule

    try:
        found = rule(name)
    except UnknownRule as error:
        raise click.UsageError(str(error)) from error
    page = f"# {found.code} {found.name}\n\n{inspect.cleandoc(found.page)}\n"
    if color == "never" or not (color == "always" or sys.stdout.isatty()):
        click.echo(page, nl=False)
        return
    _set(page, color)


def _set(page: str, color: Colour) -> None:
    """Print a page of Markdown for reading."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(force_terminal=color == "always" or None, no_color="NO_COLOR" in os.environ)
    console.width = min(console.width, 88)
    console.print(Markdown(page, code_theme="ansi_dark"))
