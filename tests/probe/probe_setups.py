"""Hand-made trainings for the tests of probe: plain networks as programs."""

import itertools

import numpy as np
import torch

from unstuck.core.recording import SCHEMA, Recording, Table
from unstuck.core.setup import Data, Draw, Loop, Op, Optimizer, Parameter, Plan, Program, Setup

X, Y = 100, 101
LOSSES = {
    "mse": "torch.nn.functional.mse_loss",
    "l1": "torch.nn.functional.l1_loss",
    "huber": "torch.nn.functional.huber_loss",
    "bce": "torch.nn.functional.binary_cross_entropy",
    "bce_logits": "torch.nn.functional.binary_cross_entropy_with_logits",
    "ce": "torch.nn.functional.cross_entropy",
    "nll": "torch.nn.functional.nll_loss",
}


def slot(number):
    return {"slot": number}


def network(
    inputs, targets, weights, *, activations=(), output="", loss="mse", loss_kwargs=None, ends=None,
    optimizer=None, steps=10, batch=None, order="full", tail=None,
):  # fmt: skip
    """A Setup of linear layers; weights: [(W (out, in), b), …]; activations, output: torch names.

    tail: instead of a named loss, a function (prediction slot, next slot) -> (ops, loss slot).
    """
    ops, parameters, here, free = [], [], X, 0
    for number, pair in enumerate(weights):
        for part, values in zip(("weight", "bias"), pair, strict=True):
            end = None if ends is None else np.asarray(ends[number][part == "bias"], np.float32)
            parameters.append(
                Parameter(free, f"{number}.{part}", np.asarray(values, np.float32), KEPT, end)
            )
            free += 1
        reads = (slot(here), slot(free - 2), slot(free - 1))
        ops.append(Op("torch.nn.functional.linear", reads, {}, (free + 200,), f"{number}"))
        here = free + 200
        last = number == len(weights) - 1
        name = output if last else (activations[number] if activations else "")
        if name:
            extra = ({"dim": 1},) if "softmax" in name else ({},)
            ops.append(Op(name, (slot(here),), extra[0], (free + 300,), f"{number}.act"))
            here = free + 300
    if tail is None:
        ops.append(Op(LOSSES[loss], (slot(here), slot(Y)), loss_kwargs or {}, (999,)))
        end_slot = 999
    else:
        more, end_slot = tail(here, 900)
        ops += more
    rows = {X: np.asarray(inputs), Y: np.asarray(targets)}
    count = len(rows[X])
    program = Program(tuple(ops), (X,), (Y,), {}, here, end_slot)
    return Setup(
        program, tuple(parameters), Data(rows),
        Plan(order, batch or count, steps, (np.arange(batch or count),)),
        optimizer or Optimizer("SGD", ({"lr": 0.1},)), Loop(),
    )  # fmt: skip


KEPT = (Draw("keep"),)


def drawn(sizes, seed=0):
    """Weights as torch draws them for linear layers of these sizes."""
    torch.manual_seed(seed)
    layers = [torch.nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
    return [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in layers]


def recording(setup, losses=None, gaps=None):
    """A recording of this training with a loss curve."""
    losses = [1.0] if losses is None else losses
    table = Table("loss", tuple(range(len(losses))), ("loss",), np.array(losses, float)[:, None])
    return Recording(
        schema=SCHEMA, framework="torch", versions={}, script="train.py", argv=(), ended="finished",
        calls=(), sites=(), tables={"loss": table}, setup=setup, lines={}, gaps=gaps or {}, cost={},
    )  # fmt: skip


def heart_rate(rows=200, seed=0):
    inputs = np.random.default_rng(seed).normal(92.6, 7.5, (rows, 1)).round(1)
    return inputs.astype(np.float32), (inputs > 91).astype(np.float32)


XNOR = (
    np.array([[-1, 1, 1, -1], [1, -1, -1, 1], [-1, 1, -1, 1], [1, -1, 1, -1]], np.float32),
    np.array([[1], [1], [0], [0]], np.float32),
)
