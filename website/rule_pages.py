"""One page for each rule: its docstring, its example sick and healthy, and what the build saw of both."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from functools import partial

from unstuck.core.rule import Rule
from unstuck.report.cause import outcome
from unstuck.report.markdown import plain
from unstuck.rules import rules
from unstuck.rules.example import BLOCK, Example, example, sections
from website.figures import diagnosis, figure, pictures
from website.kept import kept
from website.runs import Made
from website.shown import of_rule

FAMILIES = {
    "D": "Data",
    "N": "Network",
    "L": "Loss",
    "O": "Optimizer and loop",
    "E": "Evaluation",
}
NOT_RUN = "*This build of the site made no run of it.*"

Runs = Mapping[str, Made]


def rule_pages(runs: Runs) -> dict[str, str]:
    """Return the pages by their place: one for each rule, and the list of all."""
    found = {f"rules/{one.name}.md": rule_page(one, runs) for one in rules()}
    return {"rules/index.md": _listed(), **found}


def _listed() -> str:
    parts = [
        "# The faults",
        "Each has a page of its own: what happens, when it is fine, how it is proved, an example that the build has"
        " run sick and mended. In a terminal: `unstuck explain NAME`.",
    ]
    for letter, family in FAMILIES.items():
        rows = [
            f"| {one.code} | [{one.name}]({one.name}.md) | {one.summary} |"
            for one in rules()
            if one.code.startswith(letter)
        ]
        parts.append(
            "\n".join(
                [f"## {family}", "", "| code | name | what is wrong |", "|---|---|---|", *rows]
            )
        )
    return "\n\n".join(parts) + "\n"


def rule_page(rule: Rule, runs: Runs) -> str:
    """Return a rule's page as Markdown."""
    parts = [f"# {rule.name}", f"*{rule.code}, {_kind(rule)}.* {rule.summary}"]
    for heading, body in sections(inspect.cleandoc(rule.page)).items():
        if heading == "Example":
            parts += [
                "## Example",
                _example(rule, body),
                "## What the build saw",
                _seen(rule, runs),
            ]
        elif heading:
            parts.append(f"## {heading}\n\n{body}")
    return "\n\n".join(parts) + "\n"


def _kind(rule: Rule) -> str:
    return "shown by its evidence, with nothing to patch" if rule.answer else "proved by trial"


def _example(rule: Rule, body: str) -> str:
    """Return the example in three tabs, and whatever the page says around it."""
    shown = example(rule.page)
    around = BLOCK.sub("", body).strip()
    tabs = {"What is changed": _diff(shown), "Sick": shown.sick, "Mended": shown.healthy}
    blocks = [
        f'=== "{title}"\n\n'
        + _indented(
            f"```{'diff' if title == 'What is changed' else 'python'}\n{text.rstrip()}\n```"
        )
        for title, text in tabs.items()
    ]
    return "\n\n".join(filter(None, (around, *blocks)))


def _diff(shown: Example) -> str:
    lines = difflib.unified_diff(
        shown.sick.splitlines(), shown.healthy.splitlines(), n=10_000, lineterm=""
    )
    return "\n".join(list(lines)[3:])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))


def _seen(rule: Rule, runs: Runs) -> str:
    """Return what the runs of both sides showed, the trial as a picture."""
    sick, healthy = (runs.get(wanted.name) for wanted in of_rule(rule))
    if sick is None and healthy is None:
        return NOT_RUN
    told = (
        f"Sick: {NOT_RUN}" if sick is None else kept(sick, "told", partial(_sick, rule, sick)),
        f"Mended: {NOT_RUN}"
        if healthy is None
        else kept(healthy, "told", partial(_healthy, healthy)),
    )
    return "\n\n".join(told)


def _sick(rule: Rule, run: Made) -> str:
    found = diagnosis(run)
    told = [f"**Sick.** {plain(found.sentence)}"]
    named = next((one for one in found.findings if one.name == rule.name), None)
    if named is not None:
        told.append(plain(f"{named.message[0].upper()}{named.message[1:]}."))
    trial = found.trials.get(rule.name)
    drawn = pictures(run).get(f"trial-{rule.name}")
    if trial is not None:
        told.append(plain(f"The trial: {outcome(trial)}."))
    if trial is not None and drawn is not None:
        told.append(figure(drawn))
    elif "loss" in pictures(run):
        told.append(figure(pictures(run)["loss"]))
    return "\n\n".join(told)


def _healthy(run: Made) -> str:
    found = diagnosis(run)
    named = ", ".join(one.name for one in found.causes) or "none"
    return f"**Mended.** {plain(found.sentence)} Causes: {named}."
