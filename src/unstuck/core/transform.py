"""What-if: pure functions from one Setup to another, from which rules build their changes.

Each raises `Unchangeable`, with a sentence, where the network is of a make that it cannot follow.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable
from typing import Literal

import numpy as np

from unstuck.core.layers import Layer, layers
from unstuck.core.setup import Draw, Json, Op, Parameter, Program, Setup, Tensor


class Unchangeable(ValueError):
    """The change has no meaning for this Setup; the message says why."""


def clearing(setup: Setup, when: Literal["before", "between", "never"] = "before") -> Setup:
    """Clear gradients at another point of the loop."""
    return dataclasses.replace(setup, loop=dataclasses.replace(setup.loop, clears=when))


def with_rate(setup: Setup, factor: float) -> Setup:
    """Multiply the learning rate of every parameter group."""
    groups = tuple({**group, "lr": group["lr"] * factor} for group in setup.optimizer.groups)
    return dataclasses.replace(setup, optimizer=dataclasses.replace(setup.optimizer, groups=groups))


def with_steps(setup: Setup, factor: float) -> Setup:
    """Train for more updates; `factor` multiplies their number."""
    steps = math.ceil(setup.plan.steps * factor)
    return dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=steps))


def moments(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each feature (the last axis; one value for 1-d rows).

    rows: (n, …). Features that never vary get the spread 1, so that dividing by it does no harm.
    """
    axes = tuple(range(rows.ndim - 1)) if rows.ndim > 1 else (0,)
    mean = rows.mean(axis=axes, dtype=np.float64)
    spread = rows.std(axis=axes, dtype=np.float64)
    return mean, np.where(spread > 0, spread, 1.0)


def standardised_inputs(setup: Setup) -> Setup:
    """Give every input feature mean 0 and standard deviation 1 over the training rows."""
    rows = dict(setup.data.rows)
    for slot in setup.program.inputs:
        if rows[slot].dtype.kind != "f":
            raise Unchangeable("the inputs are whole numbers that the network looks up")
        mean, spread = moments(rows[slot])
        rows[slot] = ((rows[slot] - mean) / spread).astype(rows[slot].dtype)
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))


def redrawn(setup: Setup) -> Setup:
    """Start from fresh draws instead of the recorded weights."""
    return dataclasses.replace(setup, start="draw")


def with_activation(setup: Setup, names: Iterable[str], function: str = "relu") -> Setup:
    """Put an activation behind each layer whose path is among `names`."""
    wanted = set(names)
    for path in sorted(wanted):
        layer = next((layer for layer in layers(setup) if layer.path == path), None)
        if layer is None:
            raise Unchangeable(f"there is no layer {path!r} to put an activation behind")
        fresh = setup.program.next_slot
        op = Op(f"torch.nn.functional.{function}", ({"slot": layer.pre},), {}, (fresh,), path)
        setup = _insert_behind(setup, layer.pre, op)
    return setup


def replaced_activation(setup: Setup, old: str, new: str) -> Setup:
    """Use the activation `new` (a name in torch.nn.functional) wherever a hidden layer uses `old`.

    The output's activation stays: it decides what a prediction means.
    """
    ops = list(setup.program.ops)
    for layer in layers(setup)[:-1]:
        if layer.activation is not None and layer.activation_name.rstrip("_") == old:
            op = ops[layer.activation]
            ops[layer.activation] = dataclasses.replace(
                op, name=f"torch.nn.functional.{new}", args=op.args[:1], kwargs={}
            )
    return _with_ops(setup, tuple(ops))


def matched_shapes(setup: Setup) -> Setup:
    """Give the target the prediction's shape before the loss compares them."""
    program = setup.program
    if not program.targets:
        raise Unchangeable("the loss has no target that could be reshaped")
    target, fresh = program.targets[0], program.next_slot
    reshape = Op(
        "torch.Tensor.reshape_as",
        ({"slot": target}, {"slot": program.prediction}),
        {},
        (fresh,),
    )
    made = next(i for i, op in enumerate(program.ops) if program.prediction in op.outs)
    before, after = program.ops[: made + 1], program.ops[made + 1 :]
    return _with_ops(setup, (*before, reshape, *(_reading(op, target, fresh) for op in after)))


def with_logits(setup: Setup) -> Setup:
    """Drop the sigmoid that makes the prediction and let the loss take logits."""
    program = setup.program
    end = next(i for i, op in enumerate(program.ops) if program.prediction in op.outs)
    final = program.ops[end]
    if final.short not in {"sigmoid", "sigmoid_"}:
        raise Unchangeable("the prediction does not come straight out of a sigmoid")
    logit = final.slots()[0]
    ops = []
    for op in program.ops:
        if op is final:
            continue
        changed = _reading(op, program.prediction, logit)
        if changed is not op and op.short == "binary_cross_entropy":
            changed = dataclasses.replace(
                changed, name="torch.nn.functional.binary_cross_entropy_with_logits"
            )
        elif changed is not op:
            raise Unchangeable("the probabilities are used by more than binary_cross_entropy")
        ops.append(changed)
    program = dataclasses.replace(program, ops=tuple(ops), prediction=logit)
    return dataclasses.replace(setup, program=program)


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
        resized[layer.weight.slot] = _resized(layer.weight, shape, layer.inputs, inputs)
        if layer.bias is not None:
            resized[layer.bias.slot] = _resized(layer.bias, (outputs,), layer.inputs, inputs)
        if not last:
            for parameter in _companions(setup, layer):
                resized[parameter.slot] = _resized(parameter, (outputs,), 0, 0)
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


def _resized(parameter: Parameter, shape: tuple[int, ...], fan: int, new_fan: int) -> Parameter:
    if any(draw.how == "keep" for draw in parameter.draws):
        raise Unchangeable(f"how {parameter.name} was drawn is not known, so it has one size only")
    draws = tuple(
        dataclasses.replace(draw, fan=draw.fan - fan + new_fan) if draw.fan else draw
        for draw in parameter.draws
    )
    start = np.zeros(shape, parameter.start.dtype)
    return dataclasses.replace(parameter, start=start, draws=draws, end=None)


def _insert_behind(setup: Setup, slot: int, op: Op) -> Setup:
    """Insert `op` behind the operation that makes `slot`; later operations read its output instead."""
    made = next(i for i, other in enumerate(setup.program.ops) if slot in other.outs)
    before, after = setup.program.ops[: made + 1], setup.program.ops[made + 1 :]
    changed = _with_ops(setup, (*before, op, *(_reading(o, slot, op.outs[0]) for o in after)))
    if slot == setup.program.prediction:
        program: Program = dataclasses.replace(changed.program, prediction=op.outs[0])
        changed = dataclasses.replace(changed, program=program)
    return changed


def _with_ops(setup: Setup, ops: tuple[Op, ...]) -> Setup:
    return dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))


def _reading(op: Op, old: int, new: int) -> Op:
    """Return `op` with slot `old` replaced by `new` among its operands; `op` itself if it has none."""
    if old not in op.slots():
        return op
    args = tuple(_swap(value, old, new) for value in op.args)
    kwargs = {key: _swap(value, old, new) for key, value in op.kwargs.items()}
    return dataclasses.replace(op, args=args, kwargs=kwargs)


def _swap(value: Json, old: int, new: int) -> Json:
    if isinstance(value, dict):
        if "slot" in value:
            return {"slot": new if value["slot"] == old else value["slot"]}
        return {key: _swap(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_swap(inner, old, new) for inner in value]
    return value


def kept(draws: Iterable[Draw]) -> bool:
    """Whether these draws leave the recorded value as it is, so that every start is the same."""
    return any(draw.how == "keep" for draw in draws)
