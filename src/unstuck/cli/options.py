"""The options that all commands share which run a script, and what they are worth together."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from unstuck.cli import values
from unstuck.cli.values import Budget, StopAfter
from unstuck.core.options import Options

Command = TypeVar("Command", bound=Callable[..., Any])
Colour = Literal["auto", "always", "never"]
FailOn = Literal["never", "cause", "suspect"]


@dataclasses.dataclass(frozen=True, slots=True)
class Wishes:
    """Everything that the user set about a run; `Options` is the part that the diagnosis needs."""

    options: Options
    json: Path | None
    report: Path | None
    output: Path | None
    stop_after: StopAfter
    no_data: bool
    color: Colour
    verbosity: int


def color(command: Command) -> Command:
    """Add ``--color``."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        envvar="UNSTUCK_COLOR",
        help="Colours: on a terminal only (auto, unless NO_COLOR is set), always or never.",
    )(command)


def shared(command: Command) -> Command:
    """Add the options that `run` and `fix` share."""
    command = color(command)
    for option in reversed(_SHARED):
        command = option(command)
    return command


_SHARED: list[Callable[[Any], Any]] = [
    click.option(
        "--json",
        type=click.Path(path_type=Path),
        metavar="FILE",
        envvar="UNSTUCK_JSON",
        callback=values.writable,
        help="Write the diagnosis as JSON.",
    ),
    click.option(
        "--report",
        type=click.Path(path_type=Path),
        metavar="FILE",
        envvar="UNSTUCK_REPORT",
        callback=values.writable,
        help="Write the report as one HTML file, with pictures.",
    ),
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        envvar="UNSTUCK_OUTPUT",
        help="Where the recording goes.  [default: .unstuck/runs/<time>-<script>-<pid>]",
    ),
    click.option(
        "--budget",
        metavar="TIME|STEPS",
        envvar="UNSTUCK_BUDGET",
        callback=values.budget,
        help="What proofs may cost: 60, 2m, or 50Msteps of one network.  [default: 60s]",
    ),
    click.option(
        "--no-prove",
        is_flag=True,
        envvar="UNSTUCK_NO_PROVE",
        help="Name suspects only; train nothing.",
    ),
    click.option(
        "--members",
        type=click.IntRange(2),
        metavar="N",
        default=64,
        envvar="UNSTUCK_MEMBERS",
        show_default=True,
        help="Networks trained at once in a trial.",
    ),
    click.option(
        "--random-state",
        type=click.IntRange(0),
        metavar="N",
        default=0,
        envvar="UNSTUCK_RANDOM_STATE",
        show_default=True,
        help="Seed of the trials.",
    ),
    click.option(
        "--stop-after",
        metavar="N|TIME",
        envvar="UNSTUCK_STOP_AFTER",
        callback=values.stop_after,
        help="End the script after N updates, or after a time such as 90s.",
    ),
    click.option(
        "--no-data",
        is_flag=True,
        envvar="UNSTUCK_NO_DATA",
        help="Store no rows of the data; proofs then cannot run.",
    ),
    click.option(
        "--select",
        multiple=True,
        metavar="RULES",
        envvar="UNSTUCK_SELECT",
        callback=values.rules,
        help="Look for these faults only (names or codes, with commas).",
    ),
    click.option(
        "--ignore",
        multiple=True,
        metavar="RULES",
        envvar="UNSTUCK_IGNORE",
        callback=values.rules,
        help="Do not look for these faults.",
    ),
    click.option(
        "-q", "--quiet", is_flag=True, envvar="UNSTUCK_QUIET", help="Verdict and next command only."
    ),
    click.option(
        "-v",
        "--verbose",
        is_flag=True,
        envvar="UNSTUCK_VERBOSE",
        help="Everything: all numbers, sets that were tried, the diff.",
    ),
]


def wishes(
    *,
    json: Path | None,
    report: Path | None,
    output: Path | None,
    budget: Budget,
    no_prove: bool,
    members: int,
    random_state: int,
    stop_after: StopAfter,
    no_data: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    quiet: bool,
    verbose: bool,
    color: Colour,
    seeds: int = Options().seeds,
    unsafe: bool = False,
) -> Wishes:
    """Return what the shared options of a command say together."""
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose contradict each other")
    options = Options(
        prove=not no_prove,
        members=members,
        random_state=random_state,
        select=select,
        ignore=ignore,
        seeds=seeds,
        unsafe=unsafe,
        **capped(budget),
    )
    return Wishes(
        options, json, report, output, stop_after, no_data, color, int(verbose) - int(quiet)
    )


def capped(budget: Budget) -> dict[str, Any]:
    """A budget in steps has no cap in seconds, so that it cuts at the same place everywhere."""
    if budget.network_steps is not None:
        return {"network_steps": budget.network_steps, "seconds": math.inf}
    return {} if budget.seconds is None else {"seconds": budget.seconds}
