"""Every rule's example through the real pipeline: recorded, judged, proved, patched.

Nothing here is written for one rule: the example in a page is the test.
"""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.casebook import diagnosed as casebook

from unstuck.core.rule import Rule
from unstuck.rules import rules
from unstuck.rules.example import example

ANSWERS = {
    "noise-floor": "floor",
    "labels-misaligned": "floor",
    "hard-target": "floor",
    "metric-bug": "learned",
    "train-eval-mode": "learned",
    "eval-mode-left-on": "learned",
    "extrapolation": "learned",
}
"""Answers are shown by their evidence: name -> the verdict that goes with it."""

SICK = {"stuck", "slow", "diverged"}

every_rule = pytest.mark.parametrize("rule", rules(), ids=lambda one: one.name)
every_fault = pytest.mark.parametrize(
    "rule", [one for one in rules() if not one.answer], ids=lambda one: one.name
)


@functools.cache
def diagnosed(text: str) -> dict[str, Any]:
    """The diagnosis of a script, as the command line writes it."""
    with tempfile.TemporaryDirectory() as name:
        script = Path(name) / "script" / "train.py"
        script.parent.mkdir()
        script.write_text(text, encoding="utf-8")
        return casebook.diagnosed(script, Path(name))


def sick(rule: Rule) -> dict[str, Any]:
    return diagnosed(example(rule.page).sick)


def healthy(rule: Rule) -> dict[str, Any]:
    return diagnosed(example(rule.page).healthy)


def causes(diagnosis: dict[str, Any]) -> list[str]:
    return sorted(one["name"] for one in diagnosis["findings"] if one["role"] == "cause")


def finding(diagnosis: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [one for one in diagnosis["findings"] if one["name"] == name]
    return found  # type: ignore[no-any-return]


def patched(text: str, diff: str) -> str:
    """Apply a unified diff to the text of the one file that it changes."""
    old, new, at = text.splitlines(keepends=True), [], 0
    for header, *body in hunks(diff.splitlines(keepends=True)):
        start = int(re.match(r"@@ -(\d+)", header)[1]) - 1  # type: ignore[index]
        new += old[at:start]
        at = start
        for line in body:
            if line[0] in " -":
                assert old[at] == line[1:]
                at += 1
            if line[0] in " +":
                new.append(line[1:])
    return "".join([*new, *old[at:]])


def hunks(lines: Iterable[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for line in lines:
        if line.startswith("@@"):
            found.append([])
        if found:
            found[-1].append(line)
    return found


@every_rule
def test_the_sick_example_has_the_verdict_that_goes_with_it(rule: Rule) -> None:
    verdict = sick(rule)["verdict"]
    assert verdict == ANSWERS[rule.name] if rule.answer else verdict in SICK


@every_fault
def test_the_sick_example_has_exactly_this_cause(rule: Rule) -> None:
    assert causes(sick(rule)) == [rule.name]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_given_with_its_evidence_and_calls_nothing_a_cause(name: str) -> None:
    [rule] = [one for one in rules() if one.name == name]
    assert finding(sick(rule), name)["evidence"]
    assert causes(sick(rule)) == []
    assert name not in [one["name"] for one in healthy(rule)["findings"]]


@every_rule
def test_the_healthy_example_learns_and_has_no_cause(rule: Rule) -> None:
    assert healthy(rule)["verdict"] == "learned"
    assert causes(healthy(rule)) == []


@every_fault
def test_the_trial_says_that_the_change_helps(rule: Rule) -> None:
    trial = finding(sick(rule), rule.name)["trial"]
    assert trial["verdict"] == "helps"


@every_fault
def test_patching_the_sick_example_gives_the_healthy_one(rule: Rule) -> None:
    shown, prescription = example(rule.page), sick(rule)["prescription"]
    text = patched(shown.sick, prescription["diff"])
    assert text != shown.sick
    assert shown.pattern.match(text), prescription["diff"]
