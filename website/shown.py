"""The scripts that the site shows with their runs: the casebook's, and both sides of each rule's example."""

from __future__ import annotations

from unstuck.casebook import Case, cases
from unstuck.core.rule import Rule
from unstuck.rules import rules
from unstuck.rules.example import example
from website.runs import MEMBERS, Wanted

BRIEFLY = {"twenty-points": ("5000",)}
"""A tenth of the steps that the script makes by itself; its trials make a beginning of either."""

CHEAPLY = {"twenty-points": "40"}
"""Seconds of the search, where more would show nothing else."""


def of_case(one: Case) -> Wanted:
    """Return the run of a case."""
    return Wanted(
        f"case-{one.name}",
        one.script.read_text(encoding="utf-8"),
        one.script.name,
        one.files,
        BRIEFLY.get(one.name, ()),
        ("--budget", CHEAPLY.get(one.name, "120"), "--members", MEMBERS),
    )


def of_rule(rule: Rule) -> tuple[Wanted, Wanted]:
    """Return the runs of a rule's example, sick and healthy."""
    shown = example(rule.page)
    return (
        Wanted(f"sick-{rule.name}", shown.sick),
        Wanted(f"healthy-{rule.name}", shown.healthy),
    )


def everything() -> list[Wanted]:
    """Return every run that the site shows."""
    return [
        *(of_case(one) for one in cases()),
        *(run for rule in rules() for run in of_rule(rule)),
    ]
