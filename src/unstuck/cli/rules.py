"""`unstuck rules`: the faults that are looked for, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from unstuck.cli.frameworks import Cell, cells, frameworks
from unstuck.cli.options import Colour, color

if TYPE_CHECKING:
    from unstuck.core.rule import Rule
    from unstuck.report.lines import Line, Page


@click.command(
    "rules",
    epilog="""\b
Examples:
  unstuck rules
  unstuck rules --format json | jq -r '.[].name'""",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="A table, the same for a page of Markdown, or JSON with each rule's page.",
)
@color
def command(*, form: str, color: Colour) -> None:
    """List the faults that are looked for: code, name, whether a fix is known, and in which frameworks."""
    from unstuck.rules import rules

    rows = [_row(rule) for rule in rules()]
    if form == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if form == "markdown":
        click.echo("\n".join(_markdown(rows)))
        return
    from unstuck.report.terminal import page, paint

    paint(_table(rows, page(sys.stdout)), sys.stdout, colour=color)


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "fix": not rule.answer,
        "frameworks": cells(rule),
        "needs": list(rule.needs),
        "page": rule.page.strip(),
    }


LEGEND = (
    "T torch, K Keras (on torch), L Lightning, S scikit-learn: a capital where the patch is written, a small"
    " letter where the change is proved or the evidence shown only, - where it cannot be seen."
)


def _letters(told: dict[str, Cell]) -> str:
    """Return what can be done in each framework, a letter each."""
    letters = {one.name: one.letter for one in frameworks()}
    return "".join(_mark(letters[name], cell) for name, cell in told.items())


def _mark(letter: str, cell: Cell) -> str:
    if cell == "unseen":
        return "-"
    return letter.upper() if cell == "patch" else letter.lower()


def _table(rows: list[dict[str, Any]], page: Page) -> list[Line]:
    from unstuck.report.lines import Span, fitted, line, paragraph

    wide = max((len(row["name"]) for row in rows), default=0)
    table = [
        fitted(
            page,
            line(
                Span(row["code"], "bad"),
                "  ",
                Span(f"{row['name']:<{wide}}", "strong"),
                Span("  fix  " if row["fix"] else "   -   ", "good" if row["fix"] else "faint"),
                f"{_letters(row['frameworks'])}  {row['summary']}",
            ),
        )
        for row in rows
    ]
    return [*table, line(), *paragraph(page, LEGEND)]


def _markdown(rows: list[dict[str, Any]]) -> list[str]:
    names = [one.name for one in frameworks()]
    head = ["| rule | " + " | ".join(names) + " |", "|---" * (1 + len(names)) + "|"]
    return head + [
        f"| {row['code']} {row['name']} | " + " | ".join(row["frameworks"].values()) + " |"
        for row in rows
    ]
