"""Sines and cosines of the inputs beside them: waves that the network need not make itself."""

from __future__ import annotations

import dataclasses

import numpy as np

from unstuck.core.layers import Layer, layers
from unstuck.core.setup import Parameter, Setup, Tensor
from unstuck.core.transform.network import reshaped
from unstuck.core.transform.unchangeable import Unchangeable

NEAR = 0.1  # part by which the spread of fewer rows may differ; standardising changes it for good


def first_layer(setup: Setup) -> Layer:
    """Return the layer that alone reads the inputs, rows of real numbers. Raises Unchangeable."""
    program = setup.program
    readers = [op for op in program.ops if set(op.slots()) & set(program.inputs)]
    chain = layers(setup)
    if len(program.inputs) != 1 or len(readers) != 1:
        raise Unchangeable("the inputs are not read by one layer alone")
    rows = setup.data.rows[program.inputs[0]]
    if rows.ndim != 2 or rows.dtype.kind != "f":
        raise Unchangeable("the inputs are not rows of real numbers")
    if not chain or program.ops[chain[0].op] is not readers[0] or chain[0].inputs != rows.shape[1]:
        raise Unchangeable("the first operation on the inputs is not a linear layer")
    return chain[0]


def with_waves(
    setup: Setup, waves: tuple[tuple[float, ...], ...], spread: tuple[float, ...]
) -> Setup:
    """Give the network sin and cos of ``x @ waves`` beside its inputs x.

    waves: (d, m) radians over one unit of each input; spread: (d,) standard deviation of each input
    in that unit, so that inputs that were standardised since are given the same waves.
    """
    layer = first_layer(setup)
    slot = setup.program.inputs[0]
    rows = setup.data.rows[slot]
    now = rows.std(axis=0, dtype=np.float64)
    unit = np.where(now > 0, np.asarray(spread) / np.where(now > 0, now, 1.0), 1.0)
    unit = np.where(np.abs(unit - 1) <= NEAR, 1.0, unit)
    phase = rows.astype(np.float64) @ (np.asarray(waves) * unit[:, None])
    wide = np.concatenate([rows, np.sin(phase), np.cos(phase)], axis=1).astype(rows.dtype)
    data = dataclasses.replace(setup.data, rows={**setup.data.rows, slot: wide})
    parameters = tuple(_fitting(p, layer, wide) for p in setup.parameters)
    program = dataclasses.replace(setup.program)  # it is another function of the inputs
    return dataclasses.replace(
        setup, program=program, parameters=parameters, data=data, start="draw"
    )


def _fitting(parameter: Parameter, layer: Layer, wide: Tensor) -> Parameter:
    """Return the parameter as it is drawn for a first layer of so many inputs."""
    inputs = wide.shape[1]
    if layer.bias is not None and parameter.slot == layer.bias.slot:
        return reshaped(parameter, parameter.start.shape, layer.inputs, inputs)
    if parameter.slot != layer.weight.slot:
        return parameter
    shape = (inputs, layer.outputs) if layer.transposed else (layer.outputs, inputs)
    return reshaped(parameter, shape, layer.inputs, inputs)
