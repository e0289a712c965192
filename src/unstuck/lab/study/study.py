"""A study: a grid of cells, each a share of starts that is to be known; read from a TOML file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from unstuck.lab.mistaken import Mistaken
from unstuck.lab.study.axes import Axis, Search, axis
from unstuck.lab.study.rows import parameters
from unstuck.lab.study.settings import (
    KINDS,
    LOSSES,
    TABLES,
    Settings,
    contradiction,
    number,
    usual,
    whole,
)
from unstuck.lab.study.text import Text, read

RUNGS = ("constant", "linear", "quadratic", "learner", "goal")
TOP = ("title", "about", "task", *TABLES, "grid", "search", "success", "budget")
SUCCESS = ("loss", "rung", "of")


@dataclasses.dataclass(frozen=True, slots=True)
class Success:
    """When a network has learned: at or below a loss, or below a rung of the ladder of its task.

    of: the loss that is judged, None for the one that is trained by.
    """

    loss: float | None = None
    rung: str | None = None
    of: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent. seeds: starts of a cell at most; narrow: the width of its interval at which it stops
    sooner (None: never); least: starts of each cell before any stops; networks: of the whole study, at most;
    chunk: networks that are trained together at most.
    """

    seeds: int = 1000
    narrow: float | None = None
    least: int = 250
    networks: int | None = None
    chunk: int = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class Study:
    """What was written. fixed: settings that all cells share; folder: against which files are named."""

    name: str
    title: str
    about: str
    fixed: Settings
    axes: tuple[Axis, ...]
    search: Search
    success: Success
    budget: Budget
    folder: Path
    written: str
    refuse: Callable[[str, str], Mistaken] = dataclasses.field(repr=False, compare=False)

    def with_seeds(self, seeds: int | None) -> Study:
        """Return the study with this many starts a cell at most."""
        if seeds is None:
            return self
        least = min(self.budget.least, seeds)
        return dataclasses.replace(
            self, budget=dataclasses.replace(self.budget, seeds=seeds, least=least)
        )

    def cells(self) -> list[Settings]:
        """Return the settings of every cell, in order; raises Mistaken where two cannot stand together."""
        found = [{**self.fixed, **point} for point in self.search.points(self.axes)]
        for settings in found:
            wrong = contradiction(settings)
            if wrong is not None:
                raise self.refuse(*wrong)
        return found


def load(path: Path) -> Study:
    """Return the study of a file; raises Mistaken with the line of whatever is wrong."""
    return parse(read(path), path.stem, path.absolute().parent)


def parse(text: Text, name: str, folder: Path) -> Study:
    """Return the study that a text describes; raises Mistaken."""
    values = text.values
    text.known("", values, TOP)
    if "task" not in values:
        raise Mistaken(f'{text.name} names no task, such as task = "xnor"')
    task = _task(text, values["task"])
    fixed = {**usual(), **{f"task.{key}": value for key, value in task.items()}}
    for table in TABLES:
        fixed.update(_table(text, table, values.get(table, {}), fixed))
    axes = _axes(text, values.get("grid", {}), fixed)
    wrong = contradiction(fixed)
    if wrong is not None and not any(wrong[0].split(".")[0] in one.name for one in axes):
        raise text.wrong(*wrong)
    study = Study(
        name,
        str(values.get("title", name)),
        " ".join(str(values.get("about", "")).split()),
        fixed,
        axes,
        _search(text, values.get("search", {}), axes),
        _success(text, values.get("success", {})),
        _budget(text, values.get("budget", {})),
        folder,
        text.written,
        text.wrong,
    )
    study.cells()
    return study


def _task(text: Text, given: Any) -> dict[str, Any]:
    if isinstance(given, str):
        given = {"function" if ":" in given else "name": given}
    if not isinstance(given, dict):
        raise text.wrong("task", f"a task is a name or a table, not {given!r}")
    try:
        known = parameters(given)
    except Mistaken as error:
        raise text.wrong("task", str(error)) from error
    text.known("task", given, known)
    if "csv" in known and not isinstance(given.get("target"), str):
        raise text.wrong(
            "task", 'a CSV needs its target column: {csv = "rows.csv", target = "label"}'
        )
    return {**known, **given}


def _table(text: Text, table: str, given: Any, fixed: Settings) -> Settings:
    if not isinstance(given, dict):
        raise text.wrong(table, f"[{table}] is a table, not {given!r}")
    names = [name.partition(".")[2] for name in fixed if name.startswith(f"{table}.")]
    text.known(table, given, names)
    found = {f"{table}.{key}": value for key, value in given.items()}
    for name, value in found.items():
        check(text, name, value)
    return found


def check(text: Text, name: str, value: Any, *, at: str = "") -> None:
    """Refuse a value that a setting cannot have; at: where it stands, if not under its own name."""
    kind = KINDS.get(name)
    why = kind.refuse(value) if kind is not None else None
    if why:
        raise text.wrong(at or name, f"{name} cannot be {json.dumps(value)}: {why}")


def _axes(text: Text, given: Any, fixed: Settings) -> tuple[Axis, ...]:
    if not isinstance(given, dict):
        raise text.wrong("grid", f"[grid] is a table, not {given!r}")
    found = []
    for name, values in _flat(given, fixed):
        at = f"grid.{name}"
        group = [key for key in fixed if key.startswith(f"{name}.")]
        if name not in fixed and not group:
            raise text.wrong(at, f"there is no setting {name!r} to vary; {_known(fixed)}")
        try:
            made = axis(name, values)
        except Mistaken as error:
            raise text.wrong(at, str(error)) from error
        for value in made.ends():
            for key, one in made.settings(value).items():
                if key not in fixed:
                    raise text.wrong(at, f"there is no setting {key!r}; {_known(fixed)}")
                check(text, key, one, at=at)
        found.append(made)
    return tuple(found)


def _flat(given: dict[str, Any], fixed: Settings, before: str = "") -> list[tuple[str, Any]]:
    """Return dotted names and values of a grid, whether it was written with dots or with tables."""
    found = []
    for key, value in given.items():
        name = f"{before}{key}"
        inner = isinstance(value, dict) and name not in fixed
        found += _flat(value, fixed, f"{name}.") if inner else [(name, value)]
    return found


def _known(fixed: Settings) -> str:
    return f"there is {', '.join(sorted(fixed))}"


def _search(text: Text, given: Any, axes: tuple[Axis, ...]) -> Search:
    text.known("search", given, ("kind", "cells", "seed", "keep"))
    kind: Literal["grid", "random", "halving"] = given.get("kind", "grid")
    if kind not in {"grid", "random", "halving"}:
        raise text.wrong("search.kind", f"a search is grid, random or halving, not {kind!r}")
    _refuse(text, "search", given, {"cells": whole(1), "seed": whole(0)})
    keep = given.get("keep", 0.5)
    if number(low=0, open_=True)(keep) or keep >= 1:
        raise text.wrong("search.keep", f"keep is a share between 0 and 1, not {keep!r}")
    cells = given.get("cells")
    if kind == "random" and cells is None:
        raise text.wrong("search", "a random search needs the number of its cells: cells = 100")
    if cells is None:
        for one in axes:
            if one.values is None:
                raise text.wrong(
                    f"grid.{one.name}", f"a range in a grid needs count, as in {one.example}"
                )
    elif kind == "grid":
        raise text.wrong("search.cells", "a grid has as many cells as it has: leave cells out")
    return Search(kind, cells, given.get("seed", 0), float(keep))


def _success(text: Text, given: Any) -> Success:
    text.known("success", given, SUCCESS)
    if ("loss" in given) == ("rung" in given):
        raise text.wrong(
            "success", '[success] has a loss (loss = 0.05) or a rung (rung = "linear")'
        )
    if "loss" in given and (why := number()(given["loss"])):
        raise text.wrong("success.loss", f"loss cannot be {given['loss']!r}: {why}")
    if "rung" in given and given["rung"] not in RUNGS:
        raise text.wrong("success.rung", f"a rung is one of {', '.join(RUNGS)}")
    if given.get("of", "mse") not in LOSSES:
        raise text.wrong("success.of", f"of is one of {', '.join(LOSSES)}")
    loss = float(given["loss"]) if "loss" in given else None
    return Success(loss, given.get("rung"), given.get("of"))


def _budget(text: Text, given: Any) -> Budget:
    names = [field.name for field in dataclasses.fields(Budget)]
    text.known("budget", given, names)
    counts = {name: whole(1) for name in names if name != "narrow"}
    _refuse(text, "budget", given, counts)
    narrow = given.get("narrow")
    if narrow is not None and (number(low=0, open_=True)(narrow) or narrow > 1):
        raise text.wrong("budget.narrow", f"narrow is a width between 0 and 1, not {narrow!r}")
    made = Budget(**given)
    return dataclasses.replace(made, least=min(made.least, made.seeds))


def _refuse(
    text: Text, table: str, given: Any, kinds: dict[str, Callable[[Any], str | None]]
) -> None:
    for key, refuse in kinds.items():
        if key in given and (why := refuse(given[key])):
            raise text.wrong(f"{table}.{key}", f"{key} cannot be {given[key]!r}: {why}")
