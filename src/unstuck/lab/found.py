"""What a store holds of a study, counted: shares with intervals, one for each cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from unstuck.core.shares import Found, Share
from unstuck.lab.drive import asked, chunks, kept
from unstuck.lab.engine.chunk import Array
from unstuck.lab.plan import Cell
from unstuck.lab.rounds import Rounds
from unstuck.lab.store.store import Kept, Store
from unstuck.theory.interval import share_interval


def found(
    name: str,
    cells: Sequence[Cell],
    rounds: Rounds,
    store: Store,
    *,
    axes: tuple[tuple[str, ...], ...],
    title: str = "",
    about: str = "",
    command: str = "",
) -> Found:
    """Return the shares of a study's cells; those of which nothing is there have no networks."""
    there, missing = asked(rounds, chunks(cells, store))
    shares, steps, seconds = [], 0, 0.0
    for one, parts in kept(cells, there, store):
        shares.append(share(one, parts))
        steps += shares[-1].of * one.setup.plan.steps
        seconds += sum(part.seconds for part in parts)
    networks = sum(one.of for one in shares)
    return Found(
        name, title or name, about, axes, tuple(shares), missing, command, networks, steps, seconds
    )


def share(cell: Cell, chunks: Sequence[Kept]) -> Share:
    """Return the share of a cell's networks that learned."""
    hits = np.concatenate([one.hits for one in chunks]) if chunks else np.zeros(0, np.int32)
    losses = np.concatenate([one.losses for one in chunks]) if chunks else np.zeros(0, np.float32)
    met = hits[hits >= 0]
    low, high = share_interval(len(met), len(hits))
    return Share(
        tuple(cell.settings.items()),
        len(met),
        len(hits),
        low,
        high,
        float(np.median(met)) if len(met) else None,
        median(losses),
        cell.goal,
    )


def median(losses: Array) -> float:
    """Return the median of final losses, in which those that are no numbers count as infinite."""
    if not len(losses):
        return math.nan
    return float(np.median(np.where(np.isnan(losses), np.inf, losses.astype(np.float64))))
