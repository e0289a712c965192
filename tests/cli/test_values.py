"""Budgets, times and rules as they are typed."""

from __future__ import annotations

import math
from pathlib import Path

import click
import pytest

from unstuck.cli import values
from unstuck.cli.options import wishes
from unstuck.cli.values import Budget, StopAfter

CONTEXT = click.Context(click.Command("run"))
PARAM = click.Option(["--any"])


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("60", Budget(seconds=60.0)),
        ("0.5", Budget(seconds=0.5)),
        ("60s", Budget(seconds=60.0)),
        ("2m", Budget(seconds=120.0)),
        ("1.5h", Budget(seconds=5400.0)),
        ("50Msteps", Budget(network_steps=50_000_000)),
        ("1.5 k steps", Budget(network_steps=1_500)),
        ("900steps", Budget(network_steps=900)),
        (None, Budget()),
    ],
)
def test_a_budget_is_seconds_or_network_steps(text: str | None, budget: Budget) -> None:
    assert values.budget(CONTEXT, PARAM, text) == budget


@pytest.mark.parametrize("text", ["", "0", "0s", "-5", "5x", "Msteps", "0steps", "ten", "nan"])
def test_another_budget_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(click.BadParameter, match=f"not '{text}'"):
        values.budget(CONTEXT, PARAM, text)


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("1000", StopAfter(steps=1000)),
        ("90s", StopAfter(seconds=90.0)),
        ("5m", StopAfter(seconds=300.0)),
        (None, StopAfter()),
    ],
)
def test_a_script_is_stopped_after_updates_or_after_a_time(
    text: str | None, stop: StopAfter
) -> None:
    assert values.stop_after(CONTEXT, PARAM, text) == stop


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "5 parsecs", "s"])
def test_another_end_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(click.BadParameter, match=f"not '{text}'"):
        values.stop_after(CONTEXT, PARAM, text)


def test_rules_are_named_or_coded_with_commas_and_repeatedly() -> None:
    texts = ("O001, lr-too-small", "missing_zero_grad,O003")
    assert values.rules(CONTEXT, PARAM, texts) == ("missing-zero-grad", "lr-too-small")


def test_an_unknown_rule_gets_the_nearest() -> None:
    with pytest.raises(click.BadParameter, match="'lr-to-small'; did you mean lr-too-small"):
        values.rules(CONTEXT, PARAM, ("lr-to-small",))


def test_a_file_in_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match="there is no folder"):
        values.writable(CONTEXT, PARAM, tmp_path / "gone" / "out.json")


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match="is a folder"):
        values.writable(CONTEXT, PARAM, tmp_path)


GIVEN = {
    "json": None,
    "report": None,
    "output": None,
    "budget": Budget(),
    "no_prove": False,
    "members": 64,
    "random_state": 0,
    "stop_after": StopAfter(),
    "no_data": False,
    "select": (),
    "ignore": (),
    "quiet": False,
    "verbose": False,
    "color": "auto",
}


def test_without_a_budget_proofs_may_take_a_minute() -> None:
    assert wishes(**GIVEN).options.seconds == 60.0  # type: ignore[arg-type]


def test_a_budget_in_steps_has_no_cap_in_seconds() -> None:
    options = wishes(**{**GIVEN, "budget": Budget(network_steps=5)}).options  # type: ignore[arg-type]
    assert (options.network_steps, options.seconds) == (5, math.inf)


def test_quiet_and_verbose_contradict_each_other() -> None:
    with pytest.raises(click.UsageError, match="contradict"):
        wishes(**{**GIVEN, "quiet": True, "verbose": True})  # type: ignore[arg-type]
