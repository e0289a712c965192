"""What a sweep may vary of a recorded training: each name as a function from Setup and value to Setup."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from unstuck.core.setup import Optimizer, Setup
from unstuck.core.transform import (
    Unchangeable,
    clearing,
    replaced_activation,
    standardised_inputs,
    wider,
    with_batch,
    with_rate,
)
from unstuck.lab.engine.chain import ACTIVATIONS
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.study.posed import KINDS

Change = Callable[[Setup, Any], Setup]


def _rate(setup: Setup, value: float) -> Setup:
    return with_rate(setup, float(value) / setup.optimizer.rate)


def _steps(setup: Setup, value: int) -> Setup:
    return dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=int(value)))


def _clears(setup: Setup, value: bool) -> Setup:
    return clearing(setup, "before" if value else "never")


def _activation(setup: Setup, value: str) -> Setup:
    for old in sorted({op.short for op in setup.program.ops} & set(ACTIVATIONS)):
        hidden = [op for op in setup.program.ops if op.short == old]
        if hidden[-1].outs[0] != setup.program.prediction or len(hidden) > 1:
            setup = replaced_activation(setup, old, value)
    return setup


def _inputs(setup: Setup, value: str) -> Setup:
    if value not in {"raw", "standardised"}:
        raise Mistaken(f"inputs are raw or standardised, not {value!r}")
    return setup if value == "raw" else standardised_inputs(setup)


def _scale(setup: Setup, value: float) -> Setup:
    slots = set(setup.program.inputs)
    rows = {
        slot: (array * np.asarray(value, array.dtype) if slot in slots else array)
        for slot, array in setup.data.rows.items()
    }
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))


def _optimizer(setup: Setup, value: str) -> Setup:
    if value not in KINDS:
        raise Mistaken(f"an optimizer is one of {', '.join(KINDS)}, not {value!r}")
    chosen = Optimizer(KINDS[value], ({"lr": setup.optimizer.rate},))
    return dataclasses.replace(setup, optimizer=chosen)


OVER: dict[str, Change] = {
    "optimizer": _optimizer,  # before the rate, which it leaves as it is
    "rate": _rate,
    "steps": _steps,
    "batch": lambda setup, value: with_batch(setup, int(value)),
    "clears": _clears,
    "wider": lambda setup, value: wider(setup, int(value)),
    "activation": _activation,
    "inputs": _inputs,
    "scale": _scale,
}


def points(setup: Setup, over: Mapping[str, Any]) -> list[tuple[dict[str, Any], Setup]]:
    """Return the settings of every cell with its Setup; raises Mistaken for what cannot be varied so.

    Values of `over` are a list, or label -> function from Setup to Setup, for whatever has no name here.
    """
    found: list[tuple[dict[str, Any], Setup]] = [({}, setup)]
    for name in sorted(
        over, key=lambda name: list(OVER).index(name) if name in OVER else len(OVER)
    ):
        found = [
            ({**settings, name: value}, _changed(name, over[name], value, one))
            for settings, one in found
            for value in _values(name, over[name])
        ]
    order = list(over)
    return [({name: settings[name] for name in order}, one) for settings, one in found]


def _values(name: str, given: Any) -> Sequence[Any]:
    values = list(given)
    if not values:
        raise Mistaken(f"{name} has no values: the sweep would be empty")
    return values


def _changed(name: str, given: Any, value: Any, setup: Setup) -> Setup:
    if name not in OVER and not isinstance(given, Mapping):
        raise Mistaken(
            f"{name!r} cannot be varied; there is {', '.join(OVER)}, or a dict of label -> function"
            " from Setup to Setup"
        )
    try:
        made: Setup = (
            given[value](setup) if isinstance(given, Mapping) else OVER[name](setup, value)
        )
    except Unchangeable as error:
        raise Mistaken(f"{name} = {value!r} cannot be tried: {error}") from error
    return made
