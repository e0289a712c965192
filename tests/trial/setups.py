"""Trainings made by hand, and the same as plain PyTorch loops."""

import dataclasses
import itertools

import numpy as np
import torch

from unstuck.core.setup import Data, Draw, Loop, Op, Optimizer, Parameter, Plan, Program, Setup
from unstuck.trial.compiled import Shapes

X, Y = 100, 101


def slot(number):
    return {"slot": number}


def perceptron(
    sizes=(3, 5, 1), *, rows=12, activation="tanh", loss="mse_loss", steps=20, batch=None,
    order="full", optimizer=None, loop=None, dtype="float32", seed=0, prediction="",
):  # fmt: skip
    """A Setup of linear layers with an activation between them, on random rows."""
    generator = np.random.default_rng(seed)
    ops, parameters, here = [], [], X
    for number, (given, made) in enumerate(itertools.pairwise(sizes)):
        for part, shape in enumerate([(made, given), (made,)]):
            start = generator.uniform(-0.5, 0.5, shape).astype(dtype)
            draws = (Draw("fan_uniform", (1.0,), given),)
            name = f"{number}.{('weight', 'bias')[part]}"
            group = min(number, len(optimizer.groups) - 1) if optimizer else 0
            parameters.append(Parameter(2 * number + part, name, start, draws, None, group))
        reads = (slot(here), slot(2 * number), slot(2 * number + 1))
        ops.append(Op("torch.nn.functional.linear", reads, {}, (200 + number,), str(number)))
        here = 200 + number
        last = number == len(sizes) - 2
        function = prediction if last else activation
        if function:
            ops.append(Op(f"torch.{function}", (slot(here),), {}, (300 + number,)))
            here = 300 + number
    ops.append(Op(f"torch.nn.functional.{loss}", (slot(here), slot(Y)), {}, (999,)))
    x = generator.normal(size=(rows, sizes[0])).astype(dtype)
    y = (np.sin(x[:, :1]) * x[:, -1:]).astype(dtype)
    if loss.startswith("binary"):
        y = (y > 0).astype(dtype)
    size = batch or rows
    return Setup(
        Program(tuple(ops), (X,), (Y,), {}, here, 999),
        tuple(parameters),
        Data({X: x, Y: y}),
        Plan(order, size, steps),
        optimizer or Optimizer("SGD", ({"lr": 0.1},)),
        loop or Loop(),
    )


def torch_network(setup, weights):
    """The same as nn.Modules; weights: slot -> tensor."""
    layers = []
    for op in setup.program.ops[:-1]:
        if op.short == "linear":
            made, given = weights[op.args[1]["slot"]].shape
            layer = torch.nn.Linear(given, made, dtype=weights[0].dtype)
            with torch.no_grad():
                layer.weight.copy_(weights[op.args[1]["slot"]])
                layer.bias.copy_(weights[op.args[2]["slot"]])
            layers.append(layer)
        else:
            layers.append({"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU,
                           "sigmoid": torch.nn.Sigmoid}[op.short]())  # fmt: skip
    return torch.nn.Sequential(*layers)


def plain_loop(setup, weights, batches):
    """Train one network as a script would; return its losses and its weights, flat."""
    net = torch_network(setup, weights)
    loop, loss_of = setup.loop, getattr(torch.nn.functional, setup.program.ops[-1].short)
    schedule = dict(setup.optimizer.schedule)

    def build():
        kind = getattr(torch.optim, setup.optimizer.kind)
        groups = setup.optimizer.groups
        if len(groups) == 1:
            return kind(net.parameters(), **groups[0])
        parts = zip(groups, [m for m in net if isinstance(m, torch.nn.Linear)], strict=True)
        return kind([{"params": list(m.parameters()), **group} for group, m in parts])

    optimizer = build()
    first = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step, batch in zip(range(setup.plan.steps), batches, strict=False):
        if loop.recreated and step % loop.recreated_every == 0:
            optimizer = build()
        if step in schedule:
            for group, rate in zip(optimizer.param_groups, first, strict=True):
                group["lr"] = rate * schedule[step]
        if loop.clears == "before":
            optimizer.zero_grad()
        for part in range(loop.backwards):
            x, y = batch[2 * part : 2 * part + 2]
            loss = loss_of(net(x), y)
            loss.backward()
            if part == 0:
                losses.append(loss.item())
        if loop.clears == "between":
            optimizer.zero_grad(set_to_none=not loop.zeros)
        if loop.clip_value is not None:
            torch.nn.utils.clip_grad_value_(net.parameters(), loop.clip_value)
        if loop.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(net.parameters(), loop.clip_norm)
        optimizer.step()
    return losses, torch.cat([p.detach().reshape(-1) for p in net.parameters()])


def member(stacked, number):
    """The weights of one member of an ensemble."""
    return {key: values[number].clone() for key, values in stacked.items()}


def flat_of(setup, stacked):
    return Shapes(setup).flat(stacked)


def changed(setup, **parts):
    """The setup with other fields, also of its parts: plan_steps=3."""
    direct = {}
    for name, value in parts.items():
        part, _, field = name.partition("_")
        if field and part in {"plan", "loop", "optimizer", "data", "program"}:
            inner = direct.get(part, getattr(setup, part))
            direct[part] = dataclasses.replace(inner, **{field: value})
        else:
            direct[name] = value
    return dataclasses.replace(setup, **direct)
