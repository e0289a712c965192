"""The plan of a study: its cells as Setups under their keys, and what counts as learned in each."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

from unstuck.core.setup import Setup
from unstuck.lab.engine.chunk import Engine, Work
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.store.key import cell_key, chunk_key
from unstuck.lab.study.posed import posed
from unstuck.lab.study.rows import Rows, rows
from unstuck.lab.study.settings import Settings
from unstuck.lab.study.study import Study, Success


@dataclasses.dataclass(frozen=True, slots=True)
class How:
    """Which networks, by what: seed of all starts, engine, device of torch."""

    seed: int = 0
    engine: Engine = "stacked"
    device: str = "cpu"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One cell: its key, what was varied in it (axis -> value), its training, the loss that counts."""

    key: str
    settings: Settings
    setup: Setup
    goal: float
    how: How

    def work(self, first: int, count: int) -> Work:
        """Return a chunk of this cell's networks as something to do."""
        key, how = chunk_key(self.key, first, count), self.how
        return Work(key, self.setup, first, count, self.goal, how.seed, how.engine, how.device)


def cells(study: Study, how: How = How()) -> list[Cell]:
    """Return the cells of a study; raises Mistaken where its task has no rows or its rung no loss."""
    return list(_cells(study, how))


def _cells(study: Study, how: How) -> Iterator[Cell]:
    loaded: dict[str, Rows] = {}
    for settings in study.cells():
        task = {k.removeprefix("task."): v for k, v in settings.items() if k.startswith("task.")}
        named = json.dumps(task, sort_keys=True, default=repr)
        if named not in loaded:
            try:
                loaded[named] = rows(task, study.folder)
            except Mistaken as error:
                raise study.refuse("task", str(error)) from error
        setup = posed(settings, loaded[named], judged=study.success.of)
        try:
            goal = goal_of(study.success, setup)
        except Mistaken as error:
            raise study.refuse("success", str(error)) from error
        varied = {k: v for k, v in settings.items() if k in _varied(study)}
        yield cell(setup, varied, goal, how)


def _varied(study: Study) -> set[str]:
    return {key for one in study.axes for key in one.names}


def cell(setup: Setup, settings: Settings, goal: float, how: How) -> Cell:
    """Return a cell with its key."""
    key = cell_key(setup, seed=how.seed, goal=goal, engine=how.engine, device=how.device)
    return Cell(key, settings, setup, goal, how)


def goal_of(success: Success, setup: Setup) -> float:
    """Return the loss at or below which a network has learned; raises Mistaken where the rung has none."""
    if success.loss is not None:
        return success.loss
    from unstuck.lab.rung import rung

    assert success.rung is not None
    return rung(setup, success.rung)
