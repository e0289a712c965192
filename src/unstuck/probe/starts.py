"""The starting values: how large they make what flows through the network, and whether units differ."""

from __future__ import annotations

import math

import numpy as np
import torch

from unstuck.core.layers import Layer
from unstuck.core.recording import Array, Recording, Table
from unstuck.core.setup import Setup
from unstuck.core.transform import default_draws, with_default_draws
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject, array
from unstuck.replay import tensors

DRAWS = 5  # of the default, of which the median is taken
ROWS = 512  # rows that are enough for a root mean square
SAME = 1e-3  # of the layer's largest output: what units differ by that are one unit up to rounding


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``signal``, ``signal_spread`` and ``units_equal``."""
    names = ("signal", "signal_spread")
    found: Measured = {"units_equal": _equal(subject)}
    own = [p.name for p in subject.setup.parameters if p.draws != _usual(subject.setup, p.slot)]
    if not own:
        why = "does not apply: every layer keeps the starting values that torch gives it"
        return {**dict.fromkeys(names, why), **found}
    rows = {slot: part[:ROWS] for slot, part in subject.rows.items()}
    start = _sizes(subject, tensors.weights(subject.setup), rows)
    usual = [_sizes(subject, drawn, rows) for drawn in _default(subject.setup, own)]
    for which, name in enumerate(names):
        medians = {
            site: float(np.median([sizes[site][which] for sizes in usual])) for site in start
        }
        recorded = {site: sizes[which] for site, sizes in start.items()}
        found[name] = table(name, (0, 1), [recorded, medians])
    return found


def _usual(setup: Setup, slot: int) -> object:
    return default_draws(setup).get(slot)


def _default(setup: Setup, names: list[str]) -> list[dict[int, torch.Tensor]]:
    """Return some starts in which these parameters are drawn as torch does where that is known."""
    known = default_draws(setup)
    slots = {p.slot for p in setup.parameters if p.name in names and p.slot in known}
    names = [p.name for p in setup.parameters if p.slot in slots]
    changed = with_default_draws(setup, names)
    return [_drawn(changed, slots, seed) for seed in range(DRAWS)]


def _drawn(setup: Setup, slots: set[int], seed: int) -> dict[int, torch.Tensor]:
    """Return the recorded weights, those of these slots drawn anew."""
    random, found = torch.Generator().manual_seed(seed), tensors.weights(setup)
    for parameter in setup.parameters:
        if parameter.slot in slots:
            (draw,) = parameter.draws
            value, first = found[parameter.slot].clone(), draw.numbers[0]
            match draw.how:
                case "fan_uniform":
                    bound = first / math.sqrt(max(draw.fan, 1))
                    value.uniform_(-bound, bound, generator=random)
                case "fan_normal":
                    value.normal_(0.0, first / math.sqrt(max(draw.fan, 1)), generator=random)
                case "normal":
                    value.normal_(*draw.numbers, generator=random)
                case _:
                    value.fill_(first)
            found[parameter.slot] = value
    return found


def _sizes(
    subject: Subject, weights: dict[int, torch.Tensor], rows: dict[int, torch.Tensor]
) -> dict[str, tuple[float, float]]:
    """Return for each layer the size of its pre-activations, and how far they vary over the rows."""
    want = tuple(dict.fromkeys(layer.pre for layer in subject.layers))
    with torch.no_grad():
        values = subject.run(weights, rows, want=want)
    found: dict[str, tuple[float, float]] = {}
    for layer in subject.layers:
        pre = array(values[layer.pre])
        pre = pre.reshape(len(pre), -1)
        with np.errstate(all="ignore"):
            size, spread = np.sqrt((pre**2).mean()), np.sqrt(pre.var(0).mean())
        found.setdefault(layer.path, (float(size), float(spread)))
    return found


def _equal(subject: Subject) -> Table | str:
    hidden = subject.hidden
    if not hidden:
        return "does not apply: the network has no hidden layer whose units could be compared"
    rows = [
        {path: _share(layer, subject, index) for path, layer in hidden.items()}
        for index in range(len(subject.steps))
    ]
    return table("units_equal", subject.steps, rows)


def _share(layer: Layer, subject: Subject, index: int) -> float:
    post = subject.state(layer.post, index)
    return equal(post.reshape(-1, post.shape[-1]))


def equal(post: Array) -> float:
    """Return the share of units (columns of (n, u)) that are equal to another one on every row."""
    if post.shape[1] < 2 or not np.isfinite(post).all():
        return math.nan
    scale = float(np.abs(post).max()) or 1.0
    order = np.argsort(post.sum(0), kind="stable")
    near = np.abs(np.diff(post[:, order], axis=1)).max(0) <= SAME * scale
    twin = np.zeros(post.shape[1], bool)
    twin[:-1] |= near
    twin[1:] |= near
    return float(twin.mean())
