"""What was found as columns for other programs: CSV by hand, Parquet by pandas."""

from __future__ import annotations

import csv
import io
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.core.shares import Found
from unstuck.lab.bench import shown
from unstuck.lab.drive import asked, chunks, kept
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.plan import How, cells
from unstuck.lab.rounds import rounds
from unstuck.lab.store.store import Store
from unstuck.lab.study.study import Study
from unstuck.report.phase.words import said

Columns = dict[str, list[Any]]


def table(study: Study, store: Store, how: How, *, networks: bool) -> Columns:
    """Return the columns of a study: a row for each cell, or for each network."""
    return _networks(study, store, how) if networks else by_cell(shown(study, store, how))


def by_cell(found: Found) -> Columns:
    """Return the columns of what was found, a row for each cell. median_steps: NaN where none learned."""
    columns: Columns = {
        name: [plain(one.value(name)) for one in found.shares] for name in found.names
    }
    for name in ("learned", "of", "share", "low", "high", "goal"):
        columns[name] = [getattr(one, name) for one in found.shares]
    columns["median_loss"] = [one.loss for one in found.shares]
    columns["median_steps"] = [
        float("nan") if one.steps is None else one.steps for one in found.shares
    ]
    return columns


def _networks(study: Study, store: Store, how: How) -> Columns:
    """Return a row for each network: its settings, number, final loss, and the update at the goal (-1: never)."""
    made = cells(study, how)
    there, _ = asked(rounds(study, made), chunks(made, store))
    names = list(dict.fromkeys(key for one in made for key in one.settings))
    columns: Columns = {name: [] for name in (*names, "network", "loss", "hit")}
    for one, parts in kept(made, there, store):
        for chunk in parts:
            for name in names:
                columns[name] += [plain(one.settings.get(name))] * chunk.count
            columns["network"] += range(chunk.first, chunk.first + chunk.count)
            columns["loss"] += chunk.losses.tolist()
            columns["hit"] += chunk.hits.tolist()
    return columns


def plain(value: Any) -> Any:
    """Return a setting as a cell of a table: lists as text, as in ``8-8``."""
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | None) else said(value)


def csv_text(columns: Columns) -> str:
    """Return the columns as CSV, with a line of names."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return stream.getvalue()


def frame(columns: Columns) -> Any:
    """Return a pandas DataFrame; raises Mistaken where pandas is not installed."""
    try:
        pandas = import_module("pandas")
    except ImportError as error:
        raise Mistaken("tables need pandas: pip install 'unstuck[lab]'") from error
    return pandas.DataFrame(columns)


def parquet(columns: Columns, file: Path) -> None:
    """Write the columns as Parquet; raises Mistaken where pandas or pyarrow is not installed."""
    try:
        import_module("pyarrow")
    except ImportError as error:
        raise Mistaken("Parquet needs pyarrow: pip install 'unstuck[lab]'") from error
    try:
        frame(columns).to_parquet(file, index=False)
    except OSError as error:
        raise Mistaken(f"{str(file)!r} was not written: {error.strerror}") from error
