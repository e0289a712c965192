"""The settings of one cell: their names, what they are where nothing is said, what they may be."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

Value = Any
Settings = dict[str, Value]
"""Dotted name -> value, plain JSON: ``{"network.widths": [2, 2], "optimizer.rate": 0.1, …}``."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """What one setting is when nothing is said, and how a wrong value is refused (None: it is right)."""

    usual: Value
    refuse: Callable[[Value], str | None]


def choice(*words: str) -> Callable[[Value], str | None]:
    """Return a check for one of these words."""
    listed = ", ".join(words)
    return lambda value: None if value in words else f"it is one of {listed}"


def number(*, low: float = -math.inf, open_: bool = False) -> Callable[[Value], str | None]:
    """Return a check for a finite number, at least `low` (above it where open)."""
    said = f"it is a number {'above' if open_ else 'of at least'} {low:g}"
    said = "it is a number" if low == -math.inf else said

    def refuse(value: Value) -> str | None:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            return said
        return said if value < low or (open_ and value == low) else None

    return refuse


def whole(low: int) -> Callable[[Value], str | None]:
    """Return a check for a whole number of at least `low`."""

    def refuse(value: Value) -> str | None:
        fine = isinstance(value, int) and not isinstance(value, bool) and value >= low
        return None if fine else f"it is a whole number of at least {low}"

    return refuse


def truth(value: Value) -> str | None:
    """Refuse what is neither true nor false."""
    return None if isinstance(value, bool) else "it is true or false"


def widths(value: Value) -> str | None:
    """Refuse what is no list of widths; an empty one is a network without a hidden layer."""
    fine = isinstance(value, list) and all(whole(1)(one) is None for one in value)
    return None if fine else "it is a list of whole numbers, such as [8, 8]"


def batch(value: Value) -> str | None:
    """Refuse what is no size of a batch."""
    return None if value == "all" else whole(1)(value) and 'it is "all" or a number of rows'


ACTIVATIONS = ("relu", "elu", "tanh", "sigmoid", "leaky_relu", "gelu", "silu", "none")
LOSSES = ("bce", "bce_logits", "mse")
INITS = ("torch", "xavier_uniform", "xavier_normal", "he_uniform", "he_normal")
SCALINGS = ("raw", "centred", "scaled", "standardised")

KINDS: dict[str, Kind] = {
    "data.inputs": Kind("raw", choice(*SCALINGS)),
    "data.scale": Kind(1.0, number(low=0, open_=True)),
    "data.targets": Kind("raw", choice(*SCALINGS)),
    "network.widths": Kind([8, 8], widths),
    "network.width": Kind(None, whole(1)),
    "network.depth": Kind(None, whole(1)),
    "network.activation": Kind("relu", choice(*ACTIVATIONS)),
    "network.output": Kind("none", choice("none", "sigmoid", "tanh")),
    "network.init": Kind("torch", choice(*INITS)),
    "network.gain": Kind(1.0, number(low=0, open_=True)),
    "optimizer.kind": Kind("sgd", choice("sgd", "adam", "adamw", "rmsprop", "adagrad")),
    "optimizer.rate": Kind(0.1, number(low=0, open_=True)),
    "optimizer.momentum": Kind(0.0, number(low=0)),
    "optimizer.decay": Kind(0.0, number(low=0)),
    "training.loss": Kind("mse", choice(*LOSSES)),
    "training.steps": Kind(1000, whole(1)),
    "training.batch": Kind("all", batch),
    "training.clears": Kind(True, truth),
}
"""Every setting but those of the task."""

TABLES = ("data", "network", "optimizer", "training")


def usual() -> Settings:
    """Return the settings of a study that says nothing."""
    return {name: kind.usual for name, kind in KINDS.items()}


def contradiction(settings: Settings) -> tuple[str, str] | None:
    """Return a setting and why it cannot stand beside the others; None where all is well."""
    if settings["training.loss"] == "bce" and settings["network.output"] != "sigmoid":
        return "training.loss", 'bce needs output = "sigmoid" in [network]; else take bce_logits'
    if settings["training.loss"] == "bce_logits" and settings["network.output"] != "none":
        return "training.loss", 'bce_logits needs output = "none" in [network]; else take bce'
    momentum = settings["optimizer.momentum"]
    if momentum and settings["optimizer.kind"] not in {"sgd", "rmsprop"}:
        return "optimizer.momentum", f"{settings['optimizer.kind']} takes no momentum"
    return None


def layers(settings: Settings) -> list[int]:
    """Return the widths of the hidden layers, however they were said."""
    width, depth = settings["network.width"], settings["network.depth"]
    if width is None and depth is None:
        return list(settings["network.widths"])
    listed = settings["network.widths"]
    return [width or listed[0]] * (depth or len(listed))
