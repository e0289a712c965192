"""Another network: other activations, other widths."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable

import numpy as np

from unstuck.core.layers import Layer, ending, layers
from unstuck.core.setup import Op, Parameter, Setup
from unstuck.core.transform.program import insert_behind, reading, with_ops
from unstuck.core.transform.unchangeable import Unchangeable


def with_activation(setup: Setup, names: Iterable[str], function: str = "relu") -> Setup:
    """Put an activation behind each layer whose path is among `names`."""
    wanted = set(names)
    for path in sorted(wanted):
        layer = next((layer for layer in layers(setup) if layer.path == path), None)
        if layer is None:
            raise Unchangeable(f"there is no layer {path!r} to put an activation behind")
        fresh = setup.program.next_slot
        op = Op(f"torch.nn.functional.{function}", ({"slot": layer.pre},), {}, (fresh,), path)
        setup = insert_behind(setup, layer.pre, op)
    return setup


def replaced_activation(setup: Setup, old: str, new: str) -> Setup:
    """Use the activation `new` wherever a hidden layer uses `old`.

    The output's activation stays: it decides what a prediction means.
    """
    ops = list(setup.program.ops)
    name = f"torch.{new}" if new in {"tanh", "sigmoid"} else f"torch.nn.functional.{new}"
    for layer in layers(setup)[:-1]:
        if layer.activation is not None and layer.activation_name.rstrip("_") == old:
            op = ops[layer.activation]
            ops[layer.activation] = dataclasses.replace(op, name=name, args=op.args[:1], kwargs={})
    return with_ops(setup, tuple(ops))


def without_end(setup: Setup) -> Setup:
    """Drop the activation that the prediction is made by."""
    program = setup.program
    end = ending(program)
    if end is None:
        raise Unchangeable("the prediction does not come out of an activation")
    bare, out = end.slots()[0], end.outs[0]
    ops = tuple(reading(op, out, bare) for op in program.ops if op is not end)
    prediction = bare if program.prediction == out else program.prediction
    return dataclasses.replace(
        setup, program=dataclasses.replace(program, ops=ops, prediction=prediction)
    )


def replaced_end(setup: Setup, new: str) -> Setup:
    """Make the prediction by the activation `new` (a name in torch)."""
    end = ending(setup.program)
    if end is None:
        raise Unchangeable("the prediction does not come out of an activation")
    other = dataclasses.replace(
        end, name=f"torch.{new}", args=({"slot": end.slots()[0]},), kwargs={}
    )
    return with_ops(setup, tuple(other if op is end else op for op in setup.program.ops))


def registered(setup: Setup) -> Setup:
    """Let the optimizer hold the parameters that were hidden from it, in its first group."""
    parameters = tuple(
        dataclasses.replace(p, group=0) if p.hidden and p.group < 0 else p for p in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


def widths(setup: Setup) -> tuple[int, ...]:
    """Return the sizes of the hidden layers, first to last."""
    return tuple(layer.outputs for layer in layers(setup)[:-1])


def wider(setup: Setup, factor: int) -> Setup:
    """Multiply the size of every hidden layer."""
    chain = layers(setup)
    if len(chain) < 2:
        raise Unchangeable("the network has no hidden layer that could be made wider")
    if any(a.outputs != b.inputs for a, b in itertools.pairwise(chain)):
        raise Unchangeable("the hidden layers are not a plain chain")
    resized = {parameter.slot: parameter for parameter in setup.parameters}
    for position, layer in enumerate(chain):
        last = position == len(chain) - 1
        inputs = layer.inputs * (factor if position else 1)
        outputs = layer.outputs * (1 if last else factor)
        shape = (inputs, outputs) if layer.transposed else (outputs, inputs)
        resized[layer.weight.slot] = reshaped(layer.weight, shape, layer.inputs, inputs)
        if layer.bias is not None:
            resized[layer.bias.slot] = reshaped(layer.bias, (outputs,), layer.inputs, inputs)
        if not last:
            for parameter in _companions(setup, layer):
                resized[parameter.slot] = reshaped(parameter, (outputs,), 0, 0)
    parameters = tuple(resized[parameter.slot] for parameter in setup.parameters)
    return dataclasses.replace(setup, parameters=parameters, start="draw")


def _companions(setup: Setup, layer: Layer) -> list[Parameter]:
    """Parameters of normalisations that stand on this layer's output."""
    known = {parameter.slot: parameter for parameter in setup.parameters}
    found = []
    for op in setup.program.ops[layer.op + 1 :]:
        if op.short in {"batch_norm", "layer_norm"} and layer.path:
            of_size = [known[s] for s in op.slots() if s in known]
            found += [p for p in of_size if p.start.shape == (layer.outputs,)]
        elif op.short in {"linear", "matmul", "__matmul__", "addmm"}:
            break
    return found


def reshaped(parameter: Parameter, shape: tuple[int, ...], fan: int, new_fan: int) -> Parameter:
    """Return the parameter with another shape, to be drawn as before for so many inputs. Raises Unchangeable."""
    if any(draw.how == "keep" for draw in parameter.draws):
        raise Unchangeable(f"how {parameter.name} was drawn is not known, so it has one size only")
    draws = tuple(
        dataclasses.replace(draw, fan=draw.fan - fan + new_fan) if draw.fan else draw
        for draw in parameter.draws
    )
    start = np.zeros(shape, parameter.start.dtype)
    return dataclasses.replace(parameter, start=start, draws=draws, end=None)
