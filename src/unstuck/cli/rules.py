"""`unstuck rules`: the faults that are looked for, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

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
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A table, or JSON with each rule's page.",
)
@color
def command(*, form: str, color: Colour) -> None:
    """List the faults that are looked for: code, name, whether a fix is known, frameworks."""
    from unstuck.rules import rules

    rows = [_row(rule) for rule in rules()]
    if form == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from unstuck.report.terminal import page, paint

    paint(_table(rows, page(sys.stdout)), sys.stdout, colour=color)


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "fix": not rule.answer,
        "frameworks": list(_frameworks(rule)),
        "needs": list(rule.needs),
        "page": rule.page.strip(),
    }


def _frameworks(rule: Rule) -> tuple[str, ...]:
    """The frameworks whose recorder sees all that the rule needs."""
    from unstuck.core.quantities import QUANTITIES

    seen = {"torch": QUANTITIES.keys()}
    return tuple(name for name, sees in seen.items() if set(rule.needs) <= sees)


def _table(rows: list[dict[str, Any]], page: Page) -> list[Line]:
    from unstuck.report.lines import Span, fitted, line

    wide = max((len(row["name"]) for row in rows), default=0)
    kinds = max((len(", ".join(row["frameworks"])) for row in rows), default=0)
    return [
        fitted(
            page,
            line(
                Span(row["code"], "bad"),
                "  ",
                Span(f"{row['name']:<{wide}}", "strong"),
                Span("  fix  " if row["fix"] else "   -   ", "good" if row["fix"] else "faint"),
                f"{', '.join(row['frameworks']):<{kinds}}  {row['summary']}",
            ),
        )
        for row in rows
    ]
