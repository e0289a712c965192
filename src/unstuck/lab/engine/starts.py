"""Starting weights by the number of the network: the same whoever draws them, in whatever chunk.

All numbers of network m come from places [m·P, (m+1)·P) of one counter-based stream (Philox, Salmon et
al. 2011), so that drawing a chunk is one call, and a chunk more or less changes no other network.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri  # type: ignore[import-untyped]

from unstuck.core.setup import Draw, Parameter, Setup
from unstuck.lab.engine.chunk import Array

PER_BLOCK = 4  # numbers of 64 bits that one count of Philox4x64 makes
UNIFORM = {"uniform", "fan_uniform", "xavier_uniform"}
NORMAL = {"normal", "fan_normal", "xavier_normal"}
PLAIN = {"constant", "scale", "shift", "keep"}


class Undrawable(ValueError):
    """A parameter is drawn in a way that cannot be done for a whole chunk at once."""


def starts(setup: Setup, first: int, count: int, seed: int) -> Array:
    """Return (count, P) float32: the weights of networks first … first + count - 1, parameter after parameter.

    Raises Undrawable.
    """
    stream = _uniform(seed, first * setup.size, count * setup.size).reshape(count, setup.size)
    made, at = np.empty((count, setup.size), np.float32), 0
    for parameter in setup.parameters:
        size = int(parameter.start.size)
        made[:, at : at + size] = _drawn(parameter, stream[:, at : at + size], setup.start)
        at += size
    return made


def drawable(setup: Setup) -> bool:
    """Whether `starts` can draw every parameter."""
    known = UNIFORM | NORMAL | PLAIN
    return all(draw.how in known for p in setup.parameters for draw in p.draws)


def _uniform(seed: int, at: int, count: int) -> Array:
    """Return `count` numbers in (0, 1) from place `at` of the stream of a seed."""
    bits = np.random.Philox(key=seed)
    bits.advance(at // PER_BLOCK)
    ahead = at % PER_BLOCK
    raw = bits.random_raw(ahead + count)[ahead:]
    return ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def _drawn(parameter: Parameter, uniform: Array, start: str) -> Array:
    value = np.broadcast_to(parameter.start.reshape(1, -1), uniform.shape).astype(np.float64)
    if start == "recorded":
        return value
    for draw in parameter.draws:
        value = _moved(value, draw, parameter, uniform)
    return value


def _moved(value: Array, draw: Draw, parameter: Parameter, uniform: Array) -> Array:
    """Apply one move of `core.setup.Draw`; a parameter that is filled twice gets the same numbers again."""
    first = draw.numbers[0] if draw.numbers else 1.0
    if draw.how == "uniform":
        low, high = draw.numbers
        return low + (high - low) * uniform
    if draw.how in UNIFORM:
        return _width(draw, parameter, first) * (2.0 * uniform - 1.0)
    if draw.how == "normal":
        mean, spread = draw.numbers
        return np.asarray(mean + spread * ndtri(uniform))
    if draw.how in NORMAL:
        return np.asarray(_width(draw, parameter, first) * ndtri(uniform))
    moves = {
        "constant": np.full_like(value, first),
        "scale": value * first,
        "shift": value + first,
        "keep": value,
    }
    if draw.how not in moves:
        raise Undrawable(f"{parameter.name} is drawn by {draw.how}")
    return moves[draw.how]


def _width(draw: Draw, parameter: Parameter, gain: float) -> float:
    """Return the bound of a uniform draw, or the spread of a normal one."""
    if draw.how.startswith("fan"):
        return gain / math.sqrt(max(draw.fan, 1))
    shape = parameter.start.shape
    fans = (shape[0] + shape[1]) * math.prod(shape[2:])
    return gain * math.sqrt((6.0 if draw.how == "xavier_uniform" else 2.0) / fans)
