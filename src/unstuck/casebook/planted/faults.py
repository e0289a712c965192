"""The faults that are planted: the remedies' changes, applied backwards to a healthy script.

A fault changes fields of a Script. Two that would change the same field are never planted together.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable

from unstuck.casebook.planted.script import Script

Fields = dict[str, object]


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """names: what a diagnosis may call it; plant: fields to change, empty where it has no meaning."""

    key: str
    names: tuple[str, ...]
    plant: Callable[[Script, random.Random], Fields]


@dataclasses.dataclass(frozen=True, slots=True)
class Planted:
    """A fault in one script, with the values that were drawn for it."""

    key: str
    names: tuple[str, ...]
    fields: Fields


def with_faults(script: Script, planted: Iterable[Planted]) -> Script:
    """Return the script with these faults in it."""
    for fault in planted:
        script = dataclasses.replace(script, **fault.fields)  # type: ignore[arg-type]
    return script


def sown(script: Script, count: int, draw: random.Random) -> tuple[Planted, ...]:
    """Return so many faults that can be in this script together, drawn without preference."""
    chosen: list[Planted] = []
    used: set[str] = set()
    for fault in draw.sample(FAULTS, len(FAULTS)):
        fields = fault.plant(script, draw)
        if len(chosen) == count:
            break
        if not fields or used & set(fields) or _clash(fault.key, chosen):
            continue
        if with_faults(script, [*chosen, Planted(fault.key, fault.names, fields)]).text == (
            with_faults(script, chosen).text
        ):
            continue
        chosen.append(Planted(fault.key, fault.names, fields))
        used |= set(fields)
    return tuple(chosen)


HIDING = (
    {"optimizer-recreated", "schedule-kills-lr"},
    {"zero-grad-misplaced", "missing-step"},
)
"""Pairs of which one takes the other out of the text, or out of its meaning: no step, nothing before it."""


def _clash(key: str, chosen: list[Planted]) -> bool:
    return any({key, other.key} in HIDING for other in chosen)


def _set(**fields: object) -> Callable[[Script, random.Random], Fields]:
    return lambda script, draw: fields


def _only(
    allowed: Callable[[Script], bool], plant: Callable[[Script, random.Random], Fields]
) -> Callable[[Script, random.Random], Fields]:
    return lambda script, draw: plant(script, draw) if allowed(script) else {}


def _one(field: str, *values: object) -> Callable[[Script, random.Random], Fields]:
    return lambda script, draw: {field: draw.choice(values)}


def _rate(*factors: float) -> Callable[[Script, random.Random], Fields]:
    return lambda script, draw: {"rate": float(f"{script.rate * draw.choice(factors):.3g}")}


def _kept(script: Script, draw: random.Random) -> Fields:
    """Hold the last layer only, or the network that was there before."""
    module = script.style in ("class", "list")
    return {"held": draw.choice(("last", "former")) if module else "last"}


def _regression(script: Script) -> bool:
    return script.kind == "regression"


def _single(script: Script) -> bool:
    return script.kind == "regression" and script.outputs == 1


def _flat(script: Script) -> bool:
    return script.activation in ("tanh", "sigmoid")


def _gated(script: Script) -> bool:
    return script.activation == "relu"


FAULTS = (
    Fault("missing-zero-grad", ("missing-zero-grad",), _set(clears="never")),
    Fault("zero-grad-misplaced", ("zero-grad-misplaced",), _set(clears="between")),
    Fault("missing-step", ("missing-step",), _set(steps=False)),
    Fault("lr-too-small", ("lr-too-small",), _rate(1e-2, 1e-3, 1e-4)),
    Fault("lr-too-large", ("lr-too-large",), _rate(100, 300)),
    Fault(
        "too-few-steps",
        ("too-few-steps",),
        lambda script, draw: {"epochs": max(1, script.epochs // draw.choice((20, 40)))},
    ),
    Fault(
        "inputs-unscaled",
        ("inputs-unscaled",),
        _one(
            "x_scale",
            "{x} = {x} * 1000 + 5000",
            "{x} = {x} * 10 + 300",
            "{x} = 60 * {x} + 900",
            "{x}[:, 0] = {x}[:, 0] * 500 + 1000",
        ),
    ),
    Fault("inputs-tiny", ("inputs-tiny", "inputs-unscaled"), _set(x_scale="{x} = {x} * 1e-3")),
    Fault(
        "targets-unscaled",
        ("targets-unscaled",),
        _only(_regression, _one("y_scale", "{y} = 4000 * {y} + 20000", "{y} = {y} * 50 + 700")),
    ),
    Fault("linear-network", ("linear-network",), _set(activation="")),
    Fault("loss-broadcast", ("loss-broadcast",), _only(_single, _set(column=False))),
    Fault(
        "softmax-before-ce",
        ("softmax-before-ce",),
        _only(lambda s: s.kind == "classes", _set(final="softmax")),
    ),
    Fault(
        "sigmoid-before-bcewithlogits",
        ("sigmoid-before-bcewithlogits",),
        _only(lambda s: s.loss == "logits", _set(final="sigmoid")),
    ),
    Fault(
        "missing-output-match",
        ("missing-output-match",),
        _only(_regression, _one("final", "relu", "sigmoid", "tanh")),
    ),
    Fault("wrong-axis", ("wrong-axis",), _only(lambda s: s.loss == "nll", _set(axis=0))),
    Fault(
        "symmetric-init",
        ("symmetric-init",),
        lambda script, draw: {"init": "constant", "init_value": draw.choice((0.0, 0.05, 0.3))},
    ),
    Fault(
        "bad-init-scale",
        ("bad-init-scale", "saturated-units"),
        lambda script, draw: {"init": "normal", "init_value": draw.choice((1e-4, 5.0, 10.0))},
    ),
    Fault(
        "saturated-units",
        ("saturated-units", "bad-init-scale"),
        _only(_flat, _set(init="normal", init_value=30.0)),
    ),
    Fault(
        "dying-relu",
        ("dying-relu", "bad-init-scale"),
        _only(_gated, _set(init="off", init_value=-10.0)),
    ),
    Fault("weight-decay-too-strong", ("weight-decay-too-strong",), _set(decay=1.0)),
    Fault("clip-too-tight", ("clip-too-tight",), _set(clip=1e-4)),
    Fault(
        "schedule-kills-lr",
        ("schedule-kills-lr",),
        _one(
            "schedule",
            "ExponentialLR({opt}, gamma=0.5)",
            "StepLR({opt}, step_size=2, gamma=0.1)",
        ),
    ),
    Fault("optimizer-recreated", ("optimizer-recreated",), _set(recreated=True)),
    Fault("optimizer-wrong-params", ("optimizer-wrong-params",), _kept),
    Fault(
        "params-not-registered",
        ("params-not-registered",),
        _only(lambda s: s.style == "list", _set(registered=False)),
    ),
    Fault(
        "too-little-capacity",
        ("too-little-capacity",),
        lambda script, draw: {"widths": (draw.choice((1, 2)),) * len(script.widths)},
    ),
)
