"""How Keras' initialisers draw, in the words of `core.setup.Draw`."""

from __future__ import annotations

import importlib
import inspect
import math
import random
from typing import Any

from unstuck.core.setup import Draw

Draws = tuple[Draw, ...]

CUT = 0.87962566103423978
"""Spread of a normal that is cut at two spreads (as Keras' VarianceScaling has it)."""


def draws(initializer: Any, shape: tuple[int, ...]) -> Draws | None:
    """Return how an initialiser fills a tensor of this shape, None where that is not one of the known ways."""
    names = {kind.__name__ for kind in type(initializer).__mro__}
    if "VarianceScaling" in names:
        return _scaled(initializer, shape)
    if "RandomUniform" in names:
        return (Draw("uniform", (float(initializer.minval), float(initializer.maxval))),)
    if "RandomNormal" in names:
        return (Draw("normal", (float(initializer.mean), float(initializer.stddev))),)
    if "TruncatedNormal" in names:
        return (Draw("normal", (float(initializer.mean), CUT * float(initializer.stddev))),)
    if names & {"Zeros", "Ones", "Constant"}:
        value = 0.0 if "Zeros" in names else 1.0 if "Ones" in names else initializer.value
        return (Draw("constant", (float(value),)),) if isinstance(value, int | float) else None
    if "Orthogonal" in names and len(shape) == 2:
        return (Draw("orthogonal", (float(initializer.gain),)),)
    return None


def usual(layer: Any, name: str, shape: tuple[int, ...]) -> Draws:
    """Return how a layer draws its weight of this name if it is told nothing, () where that is not known."""
    taken = inspect.signature(type(layer).__init__).parameters.get(f"{name}_initializer")
    told = None if taken is None else taken.default
    if not isinstance(told, str):
        return ()
    initializers, state = importlib.import_module("keras.src.initializers"), random.getstate()
    try:  # one that is built draws a seed
        return draws(initializers.get(told), shape) or ()
    finally:
        random.setstate(state)


def _scaled(initializer: Any, shape: tuple[int, ...]) -> Draws | None:
    """Return a draw of variance scale/fan; of a matrix (inputs, outputs) it changes with the sizes."""
    if len(shape) < 2:
        return None
    receptive = math.prod(shape[:-2])
    fans = {"fan_in": receptive * shape[-2], "fan_out": receptive * shape[-1]}
    fan = fans.get(initializer.mode, sum(fans.values()) // 2)
    scale, uniform = float(initializer.scale), initializer.distribution == "uniform"
    if initializer.mode == "fan_avg" and len(shape) == 2:
        how = "xavier_uniform" if uniform else "xavier_normal"
        return (Draw(how, (math.sqrt(scale),)),)
    gain = math.sqrt(3.0 * scale) if uniform else math.sqrt(scale)
    return (Draw("fan_uniform" if uniform else "fan_normal", (gain,), fan),)
