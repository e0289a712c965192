"""A Setup as a chain of linear layers, where it is one: what can be stacked by hand."""

from __future__ import annotations

import dataclasses

from unstuck.core.setup import Loop, Op, Setup
from unstuck.lab.engine.starts import drawable

ACTIVATIONS = {
    "relu": "relu",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "elu": "elu",
    "leaky_relu": "leaky_relu",
}
LOSSES = {
    "binary_cross_entropy": "bce",
    "binary_cross_entropy_with_logits": "bce_logits",
    "mse_loss": "mse",
}
RULES = {"SGD", "Adam", "AdamW", "RMSprop", "Adagrad"}


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """One linear layer, (inputs, outputs), and the activation behind it ("" for none).

    weight: place of its weights (outputs, inputs) in a network's flat row; bias: likewise, -1 for none.
    """

    inputs: int
    outputs: int
    weight: int
    bias: int
    activation: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Chain:
    """Layers from the inputs to the prediction; the loss that is trained by, and the one that judges."""

    layers: tuple[Layer, ...]
    loss: str
    judged: str

    @property
    def size(self) -> int:
        """Numbers of one network."""
        return sum(one.outputs * (one.inputs + (one.bias >= 0)) for one in self.layers)


def chain(setup: Setup) -> Chain | None:
    """Return the chain that a Setup is; None where it is anything else, or trained in another way."""
    if not (_plainly_trained(setup) and drawable(setup)):
        return None
    return _followed(setup)


def _plainly_trained(setup: Setup) -> bool:
    loop, optimizer = setup.loop, setup.optimizer
    habits = dataclasses.replace(loop, clears="before", zeros=False) == Loop()
    return (
        habits
        and loop.clears in {"before", "never"}
        and optimizer.kind in RULES
        and len(optimizer.groups) == 1
        and not optimizer.schedule
        and not any(p.frozen or p.hidden or p.group != 0 for p in setup.parameters)
        and all(p.start.dtype == "float32" for p in setup.parameters)
        and len(setup.program.inputs) == len(setup.program.targets) == 1
        and all(
            setup.data.rows[slot].ndim == 2 and setup.data.rows[slot].dtype == "float32"
            for slot in (*setup.program.inputs, *setup.program.targets)
        )
        and (not setup.plan.first or setup.plan.order == "full")
        and setup.plan.order in {"full", "epochs", "sequence"}
    )


def _followed(setup: Setup) -> Chain | None:
    """Walk from the inputs to the losses; None at the first operation that is no link of a chain."""
    program, places = setup.program, _places(setup)
    here, layers, losses = program.inputs[0], list[Layer](), dict[int, str]()
    for op in program.ops:
        slots = op.slots()
        if op.short in LOSSES and here == program.prediction:
            if not _plain_loss(op, here, program.targets[0]):
                return None
            losses[op.outs[0]] = LOSSES[op.short]
        elif not slots or slots[0] != here:
            return None
        elif op.short == "linear" and not op.kwargs and all(s in places for s in slots[1:]):
            outputs, inputs = places[slots[1]][1]
            bias = places[slots[2]][0] if len(slots) > 2 else -1
            layers.append(Layer(inputs, outputs, places[slots[1]][0], bias))
            here = op.outs[0]
        elif _plain_activation(op) and layers and not layers[-1].activation:
            layers[-1] = dataclasses.replace(layers[-1], activation=ACTIVATIONS[op.short])
            here = op.outs[0]
        else:
            return None
    if not layers or here != program.prediction or not {program.loss, program.score} <= set(losses):
        return None
    found = Chain(tuple(layers), losses[program.loss], losses[program.score])
    needs_shares = "bce" in (found.loss, found.judged)
    if found.size != setup.size or (needs_shares and layers[-1].activation != "sigmoid"):
        return None
    return found


def _places(setup: Setup) -> dict[int, tuple[int, tuple[int, ...]]]:
    places, at = {}, 0
    for parameter in setup.parameters:
        places[parameter.slot] = (at, tuple(parameter.start.shape))
        at += int(parameter.start.size)
    return places


def _plain_activation(op: Op) -> bool:
    told = {key: value for key, value in op.kwargs.items() if key != "inplace"}
    usual = (told in ({}, {"alpha": 1.0}, {"negative_slope": 0.01})) and len(op.args) == 1
    return op.short in ACTIVATIONS and usual


def _plain_loss(op: Op, prediction: int, target: int) -> bool:
    told = {k: v for k, v in op.kwargs.items() if v is not None}
    return op.slots() == (prediction, target) and told in ({}, {"reduction": "mean"})
