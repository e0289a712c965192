"""One training step of a whole ensemble as a flat graph: traced once, run thousands of times.

`torch.func` differentiates and stacks; `make_fx` writes the result down as plain tensor operations;
views that do nothing are struck out; TorchScript runs what is left without Python in between. The
eager function is kept: it is the oracle on the first step, and what runs where tracing fails.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch._decomp import get_decompositions
from torch.func import grad_and_value, vmap
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.passes.shape_prop import ShapeProp, TensorMetadata

from unstuck.core.setup import Loop, Setup
from unstuck.core.transform import group
from unstuck.replay import interpret
from unstuck.trial.update import State, decays, update_rule

Function = Callable[..., tuple[Tensor, ...]]


class Shapes:
    """How the parameters of one member lie in a flat row: slots, shapes, sizes, group of each.

    A parameter that no gradient reaches belongs to no group (-1): torch leaves it as it is.
    """

    def __init__(self, setup: Setup) -> None:
        self.slots = [parameter.slot for parameter in setup.parameters]
        self.shapes = [tuple(parameter.start.shape) for parameter in setup.parameters]
        self.sizes = [int(parameter.start.size) for parameter in setup.parameters]
        moved = group(setup)
        self.groups = [moved[parameter.slot] for parameter in setup.parameters]

    def each(self, numbers: Sequence[float]) -> Tensor:
        """Return (P,) the number of each parameter's group; 0 where it belongs to none."""
        by = zip(self.groups, self.sizes, strict=True)
        return torch.cat([torch.full((size,), numbers[g] if g >= 0 else 0.0) for g, size in by])

    def held(self) -> Tensor:
        """Return (P,) 1 where an optimizer holds the parameter, else 0."""
        each = zip(self.groups, self.sizes, strict=True)
        return torch.cat([torch.full((size,), float(group >= 0)) for group, size in each])

    def flat(self, weights: dict[int, Tensor]) -> Tensor:
        """Join slot -> (M, …) into (M, P)."""
        return torch.cat([weights[slot].reshape(len(weights[slot]), -1) for slot in self.slots], 1)

    def split(self, flat: Tensor) -> dict[int, Tensor]:
        """Split (M, P) into slot -> (M, …)."""
        parts = torch.split(flat, self.sizes, 1)
        return {
            slot: part.reshape(len(flat), *shape)
            for slot, part, shape in zip(self.slots, parts, self.shapes, strict=True)
        }


def ensemble_loss(setup: Setup) -> Function:
    """Return ``loss(flat (M, P), *rows) -> (M,)``, rows in the order of `row_slots`."""
    shapes, run, slots = Shapes(setup), interpret(setup.program), row_slots(setup)
    end = setup.program.score

    def one(weights: dict[int, Tensor], *rows: Tensor) -> Tensor:
        return run(weights, dict(zip(slots, rows, strict=True)), want=(end,))[end].reshape(())

    def loss(flat: Tensor, *rows: Tensor) -> tuple[Tensor, ...]:
        stacked = vmap(one, in_dims=(0, *(None for _ in rows)), randomness="different")
        return (stacked(shapes.split(flat), *rows),)

    return loss


def row_slots(setup: Setup) -> list[int]:
    """Return the slots of the rows, inputs first."""
    return [*setup.program.inputs, *setup.program.targets]


def ensemble_step(setup: Setup) -> tuple[int, Function]:
    """Return how many state tensors there are, and the step.

    ``step(flat, hit, t, rate, goal, *state, *rows)`` returns ``(flat, hit, t, loss, *state)``: loss (M,)
    is the one that goals are compared with; hit (M,) the step at which the goal was first met (-1
    before), t the number of steps made. Where the training has patience, the loss (M,) that it
    watches comes last.
    """
    shapes, run, slots = Shapes(setup), interpret(setup.program), row_slots(setup)
    apart = decays(setup.optimizer)
    kept, update = update_rule(setup.optimizer, None if apart is None else shapes.each(apart))
    loop, end, score = setup.loop, setup.program.loss, setup.program.score
    heard = end if loop.patience is None or loop.patience.heard is None else loop.patience.heard
    gathers, held = loop.clears == "never", shapes.held()
    moves = loop.steps and (loop.clears != "between" or loop.zeros)
    frozen = {parameter.slot for parameter in setup.parameters if parameter.frozen}

    def one(weights: dict[int, Tensor], *rows: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        weights = {s: w.detach() if s in frozen else w for s, w in weights.items()}
        made = run(weights, dict(zip(slots, rows, strict=True)), want=(end, score, heard))
        told = made[score].detach().reshape(()), made[heard].detach().reshape(())
        return made[end].reshape(()), told

    def gradient(flat: Tensor, rows: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
        stacked = vmap(
            grad_and_value(one, has_aux=True),
            in_dims=(0, *(None for _ in rows)),
            randomness="different",
        )
        grads, (_, (losses, told)) = stacked(shapes.split(flat), *rows)
        return shapes.flat(grads), losses, told

    def step(
        flat: Tensor, hit: Tensor, t: Tensor, rate: Tensor, goal: Tensor, *rest: Tensor
    ) -> tuple[Tensor, ...]:
        state, rows = rest[: kept + gathers], rest[kept + gathers :]
        size = len(rows) // loop.backwards
        grad, losses, told = gradient(flat, rows[:size])
        for extra in range(1, loop.backwards):
            grad = grad + gradient(flat, rows[extra * size : (extra + 1) * size])[0]
        if loop.clears == "between":
            grad = torch.zeros_like(grad)
        if gathers:
            grad = grad + state[-1]
        used = _clipped(grad, loop, held)
        if loop.clip_each is not None:
            parts = torch.split(used, shapes.sizes, 1)
            used = torch.cat([_short(part, loop.clip_each) for part in parts], 1)
        before, now = state[:kept], t + 1
        if loop.recreated:
            before, now = _renewed(before, t, loop.recreated_every)
        later, state_later = update(flat, used, before, rate, now)
        if not moves:
            later, state_later = flat, state[:kept]
        hit = torch.where((losses <= goal) & (hit < 0), t, hit)
        kept_grad = (used,) if gathers else ()
        ends = () if loop.patience is None else (told,)
        return (later, hit, t + 1, losses, *state_later, *kept_grad, *ends)

    return kept + gathers, step


def _renewed(state: State, t: Tensor, every: int) -> tuple[State, Tensor]:
    """Return the state of an optimizer that is built anew, and its own count of this step, from 1."""
    age = torch.remainder(t, every)
    return tuple(s * (age > 0) for s in state), age + 1


def _clipped(grad: Tensor, loop: Loop, held: Tensor) -> Tensor:
    """Clip each member's gradient (M, P), as torch.nn.utils' clip_grad_norm_ and clip_grad_value_ do.

    held: (P,) 1 where an optimizer holds the parameter; others do not enter the norm.
    """
    if loop.clip_value is not None:
        grad = torch.clamp(grad, -loop.clip_value, loop.clip_value)
    if loop.clip_norm is None:
        return grad
    total = (grad * held).pow(2).sum(1, keepdim=True).sqrt()
    return grad * torch.clamp(loop.clip_norm / (total + 1e-6), max=1.0)


def _short(part: Tensor, norm: float) -> Tensor:
    """Shorten one parameter's gradients (M, p) to a norm where they are longer, as Keras' ``clipnorm`` does."""
    length = part.pow(2).sum(1, keepdim=True).sqrt()
    return part * (norm / torch.clamp(length, min=norm))


WORTH = 150
"""Uses from which on tracing pays: it takes about half a second, and saves about 3 ms a step (measured)."""

TWINS = 64
"""Traced functions that are remembered: the arms of a search share most of theirs."""

_twins: dict[Hashable, Function] = {}


def signature(setup: Setup) -> Hashable:
    """Return what a traced step of this setup depends on: neither its rate nor its length nor its rows."""
    program, optimizer = setup.program, setup.optimizer
    settings = [
        {k: v for k, v in g.items() if k not in {"lr", "initial_lr"}} for g in optimizer.groups
    ]
    return (
        repr((program.ops, program.inputs, program.targets, program.loss, program.score)),
        tuple((s, a.shape, a.dtype.str, a.tobytes()) for s, a in sorted(program.constants.items())),
        tuple((p.slot, p.start.shape, p.group, p.frozen) for p in setup.parameters),
        repr((optimizer.kind, settings, setup.loop)),
    )


def compiled(
    function: Function, example: tuple[Tensor, ...], *, uses: int = WORTH, key: Hashable = None
) -> Function:
    """Return a fast twin of `function` for arguments of these shapes, checked on the example.

    uses: how often it will be called; too rarely, and it is returned as it is. key: what it depends
    on apart from its arguments, under which its twin is remembered; None for no remembering.
    """
    if uses < WORTH:
        return function
    shapes = tuple((tuple(tensor.shape), tensor.dtype) for tensor in example)
    if key is not None and (key, shapes) in _twins:
        return _twins[key, shapes]
    twin = _traced(function, example)
    if key is not None:
        while len(_twins) >= TWINS:
            del _twins[next(iter(_twins))]
        _twins[key, shapes] = twin
    return twin


def _traced(function: Function, example: tuple[Tensor, ...]) -> Function:
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = _twice(function, example)  # raises what the caller should see
        try:
            graph = _simplified(make_fx(function, decompositions())(*example), example)
        except Exception:
            return function
        try:
            script: Function = torch.jit.freeze(
                torch.jit.trace(graph, example, check_trace=False).eval()  # type: ignore[no-untyped-call]
            )
            if _agree(_twice(script, example), expected):
                return script
        except Exception:  # TorchScript lacks a few operations: the graph runs without it
            pass
        return graph if _agree(_twice(graph, example), expected) else function


def _twice(function: Function, example: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return what comes out with two seeds: a twin must draw the same numbers, and new ones each time."""
    found: tuple[Tensor, ...] = ()
    with torch.random.fork_rng(devices=[]):
        for seed in (0, 1):
            torch.manual_seed(seed)
            found += function(*example)
    return found


@functools.cache
def decompositions() -> dict[Any, Any]:
    """Return how the normalisations' backward passes are written in operations that TorchScript has."""
    aten = torch.ops.aten
    norms = (aten.native_batch_norm_backward, aten.native_layer_norm_backward)
    table: dict[Any, Any] = get_decompositions([*norms, aten.native_group_norm_backward])
    return table


def _agree(found: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> bool:
    return all(
        torch.allclose(a, b, rtol=1e-4, atol=1e-6, equal_nan=True)
        for a, b in zip(found, expected, strict=True)
    )


def _simplified(graph: fx.GraphModule, example: tuple[Tensor, ...]) -> fx.GraphModule:
    """Strike out views and expansions to the same shape, factors of one, and double transposes."""
    ShapeProp(graph).propagate(*example)
    for node in list(graph.graph.nodes):
        if node.op == "call_function" and (same := _does_nothing(node)) is not None:
            node.replace_all_uses_with(same)
            graph.graph.erase_node(node)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph


def _does_nothing(node: fx.Node) -> fx.Node | None:
    """Return the earlier node with the same value, None where this one does something."""
    aten = torch.ops.aten
    first = node.args[0] if node.args else None
    if not isinstance(first, fx.Node):
        return None
    views = (aten.view.default, aten.expand.default, aten._unsafe_view.default, aten.alias.default)
    if node.target in (*views, aten.detach.default) and _shape(first) == _shape(node):
        return first
    if node.target is aten.mul.Scalar and node.args[1] == 1:
        return first
    if node.target is aten.transpose.int and first.target is aten.transpose.int:
        inner = first.args[0]
        if set(map(str, first.args[1:])) == set(map(str, node.args[1:])):
            return inner if isinstance(inner, fx.Node) else None
    return None


def _shape(node: fx.Node) -> Any:
    meta = node.meta.get("tensor_meta")
    return tuple(meta.shape) if isinstance(meta, TensorMetadata) else object()
