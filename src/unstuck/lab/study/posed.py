"""The settings of a cell as a Setup: the same value that a recorded script becomes."""

from __future__ import annotations

import itertools
import math
from typing import Any, Literal

import numpy as np

from unstuck.core.setup import Data, Draw, Loop, Op, Optimizer, Parameter, Plan, Program, Setup
from unstuck.lab.study.rows import Array, Rows
from unstuck.lab.study.settings import Settings, layers

X, Y, LOSS, JUDGED = 10_001, 10_002, 10_003, 10_004
KINDS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "adagrad": "Adagrad"}
LOSSES = {
    "bce": "binary_cross_entropy",
    "bce_logits": "binary_cross_entropy_with_logits",
    "mse": "mse_loss",
}
SPECIAL = {"sigmoid": "torch.sigmoid", "tanh": "torch.tanh", "relu": "torch.relu"}


def posed(settings: Settings, rows: Rows, *, judged: str | None = None) -> Setup:
    """Return the training that these settings describe, on these rows.

    judged: the loss that success is measured by, None for the one that is trained by.
    """
    x = scaled(rows.inputs, settings["data.inputs"]) * np.float32(settings["data.scale"])
    y = scaled(rows.targets, settings["data.targets"])
    sizes = [x.shape[1], *layers(settings), y.shape[1]]
    ops, parameters, end = _network(settings, sizes)
    ops.append(_loss(settings["training.loss"], end, LOSS))
    apart = judged is not None and judged != settings["training.loss"]
    if apart:
        ops.append(_loss(str(judged), end, JUDGED))
    program = Program(tuple(ops), (X,), (Y,), {}, end, LOSS, JUDGED if apart else None)
    return Setup(
        program,
        tuple(parameters),
        Data({X: np.ascontiguousarray(x, np.float32), Y: np.ascontiguousarray(y, np.float32)}),
        _plan(settings, len(x)),
        _optimizer(settings),
        Loop(clears="before" if settings["training.clears"] else "never"),
    )


def scaled(columns: Array, how: str) -> Array:
    """Return columns (n, d) centred, divided by their spread, both, or as they are."""
    wide = columns.astype(np.float64)
    mean = wide.mean(0) if how in {"centred", "standardised"} else 0.0
    spread = wide.std(0) if how in {"scaled", "standardised"} else np.ones(wide.shape[1])
    return np.asarray((wide - mean) / np.where(spread > 0, spread, 1.0), np.float32)


def _slot(number: int) -> dict[str, int]:
    return {"slot": number}


def _network(settings: Settings, sizes: list[int]) -> tuple[list[Op], list[Parameter], int]:
    ops: list[Op] = []
    parameters: list[Parameter] = []
    here, last = X, len(sizes) - 2
    for number, (given, made) in enumerate(itertools.pairwise(sizes)):
        weight, bias, out = 2 * number, 2 * number + 1, 1000 + number
        for slot, shape in ((weight, (made, given)), (bias, (made,))):
            name = f"{number}.{'bias' if slot == bias else 'weight'}"
            draws = _draws(settings, given, name.endswith("bias"))
            parameters.append(Parameter(slot, name, np.zeros(shape, np.float32), draws))
        linear = "torch.nn.functional.linear"
        ops.append(Op(linear, (_slot(here), _slot(weight), _slot(bias)), {}, (out,), str(number)))
        which = settings["network.output" if number == last else "network.activation"]
        here = out
        if which != "none":
            name = SPECIAL.get(which, f"torch.nn.functional.{which}")
            here = 2000 + number
            ops.append(Op(name, (_slot(out),), {}, (here,)))
    return ops, parameters, here


def _draws(settings: Settings, fan: int, bias: bool) -> tuple[Draw, ...]:
    """Return how a weight is drawn: as torch's Linear does (its documentation), or as Glorot or He do."""
    init, gain = settings["network.init"], float(settings["network.gain"])
    if init == "torch":
        return (Draw("fan_uniform", (gain,), fan),)
    if bias:
        return (Draw("constant", (0.0,)),)
    drawn = {
        "xavier_uniform": Draw("xavier_uniform", (gain,), fan),
        "xavier_normal": Draw("xavier_normal", (gain,), fan),
        "he_uniform": Draw("fan_uniform", (gain * math.sqrt(6.0),), fan),
        "he_normal": Draw("fan_normal", (gain * math.sqrt(2.0),), fan),
    }
    return (drawn[init],)


def _loss(name: str, prediction: int, out: int) -> Op:
    arguments = (_slot(prediction), _slot(Y))
    return Op(f"torch.nn.functional.{LOSSES[name]}", arguments, {}, (out,))


def _plan(settings: Settings, rows: int) -> Plan:
    batch = settings["training.batch"]
    size = rows if batch == "all" else min(int(batch), rows)
    order: Literal["full", "epochs"] = "full" if size == rows else "epochs"
    return Plan(order, size, int(settings["training.steps"]))


def _optimizer(settings: Settings) -> Optimizer:
    kind = KINDS[settings["optimizer.kind"]]
    group: dict[str, Any] = {"lr": float(settings["optimizer.rate"])}
    if settings["optimizer.momentum"]:
        group["momentum"] = float(settings["optimizer.momentum"])
    if settings["optimizer.decay"]:
        group["weight_decay"] = float(settings["optimizer.decay"])
    return Optimizer(kind, (group,))
