"""`unstuck.lab.sweep`: a grid of trainings from Python, and what was found of it."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unstuck.core.setup import Setup
from unstuck.core.shares import Found, Share
from unstuck.lab.bench import opened
from unstuck.lab.drive import drive
from unstuck.lab.export import by_cell, frame
from unstuck.lab.found import found
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.over import points
from unstuck.lab.plan import Cell, How, cell, cells, goal_of
from unstuck.lab.pool import Backend, Pool
from unstuck.lab.rounds import Rounds, rounds, within
from unstuck.lab.study.study import Budget, Success, parse
from unstuck.lab.study.text import Text


@dataclasses.dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found. found: its cells, each a share of starts with its exact interval."""

    found: Found

    @property
    def table(self) -> Any:
        """A pandas DataFrame, a row for each cell; raises Mistaken where pandas is not installed."""
        return frame(by_cell(self.found))

    def success(self, **settings: Any) -> list[Share]:
        """Return the cells with these settings (all by default): ``success(rate=0.1)[0].share``.

        A dotted name may be given by its last part.
        """
        return [
            one for one in self.found.shares if all(_is(one, k, v) for k, v in settings.items())
        ]

    def plot(self) -> Plot:
        """Return the phase diagrams: a notebook shows them, ``save`` writes them as one HTML file."""
        return Plot(self.found)

    def __str__(self) -> str:
        from unstuck.lab.told import summary, table

        return "\n".join([*table(self.found), summary(self.found)])


@dataclasses.dataclass(frozen=True, slots=True)
class Plot:
    """The phase diagrams of a sweep."""

    found: Found

    def save(self, file: str | Path) -> None:
        """Write them with their table as one offline HTML file."""
        from unstuck.report.json import replace_text
        from unstuck.report.phase.page import page

        replace_text(Path(file), page(self.found))

    def svg(self) -> list[str]:
        """Return each diagram as an SVG with colours of its own."""
        from unstuck.report.chart.paint import FILE
        from unstuck.report.phase.page import pictures

        return [str(one.draw(one.width, FILE)) for one in pictures(self.found)]

    def _repr_html_(self) -> str:
        return "".join(f"<div>{one}</div>" for one in self.svg())


def _is(one: Share, name: str, value: Any) -> bool:
    named = [v for key, v in one.settings if key == name or key.rpartition(".")[2] == name]
    if not named:
        known = ", ".join(key for key, _ in one.settings)
        raise Mistaken(f"{name!r} was not varied; there is {known}")
    return value in named or (isinstance(value, tuple) and list(value) in named)


def sweep(
    setup: Setup | Mapping[str, Any] | str | Path,
    *,
    over: Mapping[str, Any],
    seeds: int = 1000,
    backend: Backend = "loky",
    jobs: int = 1,
    goal: float | None = None,
    narrow: float | None = None,
    store: str | None = None,
    random_state: int = 0,
    chunk: int = 1000,
    device: str = "cpu",
) -> Sweep:
    """Train networks of a whole grid, and return how often those of each cell learn.

    setup: a `core.setup.Setup`, the folder of a recorded run, or what a study file says, as a dict.
    over: setting -> values; of a Setup those that `lab.over` names, or label -> function from Setup to Setup.
    seeds: starts of each cell, at most; with `narrow` a cell stops once its interval is no wider.
    goal: the loss that counts as learned; None for the study's own, or nine tenths of the way that a run is judged by.
    jobs: workers of the backend ("loky", "dask", "ray"); 1 of loky trains in this process.
    store: a file or a postgresql:// URL in which finished chunks are kept, and found again; None for none.
    Raises Mistaken.
    """
    if not over:
        raise Mistaken("over has no settings: the sweep would be one cell")
    how = How(random_state, device=device)
    budget = Budget(seeds, narrow, min(250, seeds), chunk=min(chunk, seeds))
    if isinstance(setup, Mapping):
        made, plan = _of_study(setup, over, budget, goal, how)
    else:
        made, plan = _of_setup(setup, over, budget, goal, how)
    pool = Pool(backend, jobs)
    with (
        tempfile.TemporaryDirectory() as place,
        opened(store or str(Path(place) / "lab.sqlite"), writes=True) as kept,
    ):
        drive(made, plan, kept, pool)
        axes = tuple(dict.fromkeys((key,) for one in made for key in one.settings))
        return Sweep(found("sweep", made, plan, kept, axes=axes, title="A sweep"))


def _of_study(
    given: Mapping[str, Any], over: Mapping[str, Any], budget: Budget, goal: float | None, how: How
) -> tuple[list[Cell], Rounds]:
    values = {**given, "grid": {name: _listed(axis) for name, axis in over.items()}}
    if goal is not None:
        values["success"] = {**dict(given.get("success", {})), "loss": goal}
    study = parse(Text.of(values, "the sweep"), "sweep", Path.cwd())
    study = dataclasses.replace(study, budget=budget)
    made = cells(study, how)
    return made, rounds(study, made)


def _listed(axis: Any) -> Any:
    if isinstance(axis, Mapping):
        return dict(axis)
    return [list(value) if isinstance(value, tuple) else value for value in axis]


def _of_setup(
    given: Setup | str | Path,
    over: Mapping[str, Any],
    budget: Budget,
    goal: float | None,
    how: How,
) -> tuple[list[Cell], Rounds]:
    setup = given if isinstance(given, Setup) else _recorded(Path(given))
    success = Success(rung="goal") if goal is None else Success(loss=goal)
    aim = goal_of(success, setup)
    made = [cell(one, settings, aim, how) for settings, one in points(setup, over)]
    return made, within(made, budget)


def _recorded(folder: Path) -> Setup:
    from unstuck.record.folder import Unreadable, load

    try:
        setup = load(folder).setup
    except Unreadable as error:
        raise Mistaken(f"{str(folder)!r} cannot be read: {error}") from error
    if setup is None:
        raise Mistaken(
            f"the run in {str(folder)!r} could not be followed, and so cannot be repeated"
        )
    return setup
