"""How many of the rows that the script asks its network about lie outside of what it was trained on."""

from __future__ import annotations

import numpy as np

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Array, Evaluation, Recording
from unstuck.core.setup import Setup
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject

MARGIN = 0.1  # of a feature's range: just beyond its ends a smooth function goes on as it was

PARTS = ("outside", "chance", "feature", "low", "high", "from", "to")


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``asked_beyond``: for each line, the rows asked there beside those of the training."""
    if not recording.evaluations:
        return {
            "asked_beyond": INAPPLICABLE + "the script shows the network no rows without gradients"
        }
    known = _trained_on(subject.setup)
    row: dict[str, float] = {}
    for one in recording.evaluations:
        asked = one.rows.reshape(len(one.rows), -1).astype(np.float64)
        if asked.shape[1] == known.shape[1] and np.isfinite(asked).all():
            row |= {f"{_place(one)} {part}": value for part, value in beside(known, asked).items()}
    if not row:
        return {
            "asked_beyond": "the rows that were asked have another shape than those of the training"
        }
    return {"asked_beyond": table("asked_beyond", (0,), [row])}


def _place(one: Evaluation) -> str:
    return f"{one.where.file}:{one.where.line}"


def _trained_on(setup: Setup) -> Array:
    """Return all rows (n, d) that are known, not a sample: what matters are their ends."""
    rows = [setup.data.rows[slot] for slot in setup.program.inputs]
    return np.concatenate([one.reshape(len(one), -1) for one in rows], axis=1).astype(np.float64)


def beside(known: Array, asked: Array) -> dict[str, float]:
    """Compare rows asked (m, d) with rows known (n, d), feature by feature.

    outside: share of the asked rows that have a feature beyond the range of the known ones by more than a tenth of it;
    chance: an upper bound of that share for rows from the same source. A new number lies beyond the ends of n others with
    probability 2/(n + 1), whatever the distribution (exchangeability: each rank is as likely as any other), so that of d
    features one does with 1 - (1 - 2/(n + 1))^d if they are independent, and less often if they are not. feature: where
    most rows are outside, with the known range (low, high) and the asked one (from, to).
    """
    low, high = known.min(0), known.max(0)
    spread = high - low
    out = (asked < low - MARGIN * spread) | (asked > high + MARGIN * spread)
    out &= spread > 0  # a feature that never changed is another matter
    worst = int(out.mean(0).argmax())
    chance = 1 - (1 - 2 / (len(known) + 1)) ** int((spread > 0).sum())
    ends = low[worst], high[worst], asked[:, worst].min(), asked[:, worst].max()
    values = (out.any(1).mean(), chance, worst, *ends)
    return dict(zip(PARTS, map(float, values), strict=True))
