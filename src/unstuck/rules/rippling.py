"""Waves in the targets, and the changes that give them to the network; needs ``waves`` and ``setup``."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import AddWaves, Resize
from unstuck.core.recording import Table
from unstuck.core.rule import View
from unstuck.core.transform import Unchangeable, first_layer, with_waves

MAIN = 0.9  # of what all waves explain: the goal leaves a tenth of the constant's loss at most
DIGITS = 4  # of a frequency: a wave of 500 cycles is off by a quarter of one at the ends, or less


def _shares(table: Table) -> np.ndarray:
    """Return (m,) what each wave adds to the variance explained."""
    return np.maximum(np.diff(table.column("explained"), prepend=0.0), 0.0)


def mean_cycles(table: Table) -> float:
    """Return the number of cycles of a wave, on average over what they explain."""
    shares = _shares(table)
    return float(shares @ table.column("cycles") / max(shares.sum(), 1e-9))


def given(view: View, name: str, least: float) -> Iterator[Change]:
    """Yield the changes that give the network waves: those that explain most, then all.

    least: cycles of a wave that is learned slowly; others are left to the network.
    """
    table = view.table("waves")
    fast = table.column("cycles") >= least
    main = int(np.argmax(table.column("explained") >= MAIN * table.at("explained"))) + 1
    first = fast & (np.arange(len(fast)) < main)
    wanted = [kept for kept in (first, fast) if kept.any()]
    for size, kept in enumerate(wanted[: 1 if (first == fast).all() else 2]):
        yield _remedy(view, name, kept, size)


def _remedy(view: View, name: str, kept: np.ndarray, size: int) -> Change:
    table = view.table("waves")
    found = table.values[kept][:, table.sites.index("cycles") + 1 :]
    waves = tuple(tuple(float(f"{w:.{DIGITS}g}") for w in along) for along in found.T)
    count, cycles = len(found), table.column("cycles")[kept]
    over = f"{cycles.min():.3g} to {cycles.max():.3g}" if count > 1 else f"{cycles[0]:.3g}"
    edits = _edits(view, waves)
    setup = view.setup
    spread = setup.data.rows[setup.program.inputs[0]].std(axis=0, dtype=np.float64)
    return Change(
        name,
        f"give the network sine and cosine of {count} wave{'s' * (count > 1)} ({over} cycles) beside its inputs",
        functools.partial(with_waves, waves=waves, spread=tuple(spread.tolist())),
        edits,
        Safety.UNSAFE if edits else Safety.SHOW,
        Kind.ARCHITECTURE,
        size,
    )


def _edits(view: View, waves: tuple[tuple[float, ...], ...]) -> tuple[AddWaves, Resize] | tuple[()]:
    forward = view.line("forward")
    try:
        layer = first_layer(view.setup)
    except Unchangeable:
        return ()
    built = view.built(layer.path)
    if forward is None or built is None:
        return ()
    wide = layer.inputs + 2 * len(waves[0])
    sizes = (layer.inputs, wide), (layer.outputs, layer.outputs)
    return AddWaves(forward, waves), Resize(built, "Linear", *sizes)
