"""Whether rows hold what is no number, and spoil the loss by that; such rows are measured mended."""

from __future__ import annotations

import math

import numpy as np
import torch

from unstuck.core.recording import Recording
from unstuck.core.setup import Setup
from unstuck.core.transform import Unchangeable, holes, mend, with_numbers, without_dropout
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.replay import Unreplayable, interpret, tensors

SAMPLE = 128  # rows of either kind; one spoils the loss of them all


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``holes``, of the rows as they were recorded."""
    setup = recording.setup
    assert setup is not None
    spoilt = mended(setup) is not setup
    row = {
        "inputs": float(holes(setup, "inputs").mean()) if spoilt else math.nan,
        "targets": float(holes(setup, "targets").mean()) if spoilt else math.nan,
    }
    return {"holes": table("holes", (0,), [row])}


def mended(setup: Setup) -> Setup:
    """Return the setup with rows of numbers only, where others spoil the loss; else the setup itself.

    A loss that leaves such rows out, or a network that masks them, is as it should be.
    """
    how = mend(setup)
    if how is None:
        return setup
    try:
        whole = with_numbers(setup, how)
        hit = holes(setup, "inputs") | holes(setup, "targets")
        some = np.r_[np.flatnonzero(hit)[:SAMPLE], np.flatnonzero(~hit)[:SAMPLE]]
        well = _usable(whole, np.arange(whole.data.count)[:SAMPLE]) and not _usable(setup, some)
    except (Unchangeable, Unreplayable, RuntimeError, ValueError):  # torch refuses other rows
        return setup
    return whole if well else setup


def _usable(setup: Setup, rows: np.ndarray) -> bool:
    """Whether the loss over these rows (two at least), and its gradient, are numbers before the first update."""
    setup = without_dropout(setup)
    index = np.resize(rows, max(len(rows), 2))
    weights = {slot: one.requires_grad_() for slot, one in tensors.weights(setup).items()}
    end = setup.program.loss
    loss = interpret(setup.program)(weights, tensors.rows(setup, index), want=(end,))[end]
    found = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
    return all(bool(torch.isfinite(one).all()) for one in (loss, *found) if one is not None)
