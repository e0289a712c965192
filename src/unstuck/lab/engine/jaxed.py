"""The same chains compiled by JAX, where it is installed: all updates of a block are one program.

Members lie last, as in `layouts.Last`; XLA fuses the passes over them, so that small blocks pay and a block's
numbers stay in the nearest cache. Rates are arguments: cells that differ in them share a program.
"""

from __future__ import annotations

import functools
from importlib import import_module
from typing import Any

import numpy as np

from unstuck.lab.engine.chain import Chain, Layer
from unstuck.lab.engine.chunk import Array, Work
from unstuck.lab.engine.looks import looks
from unstuck.lab.engine.starts import starts
from unstuck.lab.mistaken import Mistaken

Jax = Any

BLOCK = (
    64  # members at a time, the fastest of 64, 256 and 1024 at nearly all widths (docs/decisions)
)
WIDEST = 16  # units beyond which unrolled sums compile too long, and torch's products win


def follows(work: Work, chain: Chain) -> bool:
    """Whether this engine is for these networks: narrow ones, all rows at once, by plain SGD or Adam."""
    narrow = all(max(one.inputs, one.outputs) <= WIDEST for one in chain.layers)
    optimizer = work.setup.optimizer
    plain = set(optimizer.groups[0]) <= {"lr", "momentum"}
    return (
        narrow and plain and optimizer.kind in {"SGD", "Adam"} and work.setup.plan.order == "full"
    )


def train(work: Work, chain: Chain) -> tuple[Array, Array]:
    """Return final judged losses (count,) and hits (count,); raises Mistaken where JAX is not installed."""
    try:
        jax = import_module("jax")
    except ImportError as error:
        raise Mistaken("the engine jax needs JAX: pip install 'unstuck[jax]'") from error
    setup, steps = work.setup, work.setup.plan.steps
    momentum = float(setup.optimizer.groups[0].get("momentum") or 0.0)
    run = _program(chain, setup.optimizer.kind, momentum, setup.loop.clears == "never")
    weights = starts(setup, work.first, work.count, work.seed)
    spare = -len(weights) % BLOCK  # a shorter block would be compiled anew
    padded = np.concatenate([weights, np.repeat(weights[-1:], spare, axis=0)])
    slots = (setup.program.inputs[0], setup.program.targets[0])
    x, y = (np.asarray(setup.data.rows[slot], np.float32)[:, :, None] for slot in slots)
    looked = np.array([step in looks(steps) for step in range(steps)])
    losses, hits = [], []
    with jax.default_device(jax.devices(work.device)[0]):
        for at in range(0, len(padded), BLOCK):
            flat = np.ascontiguousarray(padded[at : at + BLOCK].T)
            found, met = run(
                flat, x, y, np.float32(setup.optimizer.rate), np.float32(work.goal), looked
            )
            losses.append(np.asarray(found))
            hits.append(np.asarray(met))
    return np.concatenate(losses)[: work.count], np.concatenate(hits)[: work.count]


@functools.lru_cache(maxsize=128)
def _program(chain: Chain, kind: str, momentum: float, gathers: bool) -> Any:
    """Return ``run(flat (P, M), x, y, rate, goal, looked (steps,)) -> losses (M,), hits (M,)``, compiled."""
    jax = import_module("jax")
    jnp = jax.numpy

    def run(flat: Any, x: Any, y: Any, rate: Any, goal: Any, looked: Any) -> tuple[Any, Any]:
        def step(carry: Any, look: Any) -> tuple[Any, None]:
            at, weights, old, hits, state = carry
            made = _forward(jnp, chain, weights, x)

            def seen() -> Any:
                met = (_judged(jnp, chain, made[-1], y) <= goal) & (hits < 0)
                return jnp.where(met, at, hits)

            hits = jax.lax.cond(look, seen, lambda: hits)
            fresh = _gradient(jnp, chain, weights, made, y)
            gradient = fresh + old if gathers else fresh
            weights, state = _moved(jnp, kind, momentum, weights, gradient, state, rate, at + 1)
            return (at + 1, weights, gradient if gathers else old, hits, state), None

        kept = 2 if kind == "Adam" else int(momentum > 0)
        state = tuple(jnp.zeros_like(flat) for _ in range(kept))
        old = jnp.zeros_like(flat) if gathers else jnp.zeros(())
        begin = (jnp.int32(0), flat, old, jnp.full(flat.shape[1], -1, jnp.int32), state)
        (steps, weights, _, hits, _), _ = jax.lax.scan(step, begin, looked)
        found = _judged(jnp, chain, _forward(jnp, chain, weights, x)[-1], y)
        late = jnp.where(hits < 0, steps, hits)
        return found, jnp.where(found <= goal, late, -1)

    return jax.jit(run)


def _views(layer: Layer, flat: Any) -> tuple[Any, Any]:
    size = layer.outputs * layer.inputs
    weight = flat[layer.weight : layer.weight + size].reshape(layer.outputs, layer.inputs, -1)
    bias = flat[layer.bias : layer.bias + layer.outputs] if layer.bias >= 0 else None
    return weight, bias


def _forward(jnp: Jax, chain: Chain, flat: Any, x: Any) -> list[Any]:
    made = [x]
    for layer in chain.layers:
        weight, bias = _views(layer, flat)
        z = 0.0 if bias is None else bias[None]
        for unit in range(layer.inputs):
            z = z + made[-1][:, unit : unit + 1] * weight[:, unit][None]
        made.append(_activated(jnp, layer.activation, z))
    return made


def _activated(jnp: Jax, name: str, z: Any) -> Any:
    if name == "sigmoid":
        return 1.0 / (1.0 + jnp.exp(-z))
    if name == "elu":
        return jnp.where(z > 0, z, jnp.expm1(jnp.minimum(z, 0.0)))
    if name == "leaky_relu":
        return jnp.where(z > 0, z, 0.01 * z)
    return {"relu": lambda: jnp.maximum(z, 0.0), "tanh": lambda: jnp.tanh(z)}.get(name, lambda: z)()


def _through(jnp: Jax, name: str, grad: Any, made: Any) -> Any:
    slopes = {
        "relu": lambda: jnp.where(made > 0, grad, 0.0),
        "tanh": lambda: grad * (1.0 - made * made),
        "sigmoid": lambda: grad * made * (1.0 - made),
        "elu": lambda: grad * jnp.where(made > 0, 1.0, made + 1.0),
        "leaky_relu": lambda: grad * jnp.where(made > 0, 1.0, 0.01),
    }
    return slopes.get(name, lambda: grad)()


def _judged(jnp: Jax, chain: Chain, made: Any, y: Any) -> Any:
    if chain.judged == "mse":
        return jnp.mean((made - y) ** 2, axis=(0, 1))
    if chain.judged == "bce":
        right, wrong = jnp.maximum(jnp.log(made), -100.0), jnp.maximum(jnp.log1p(-made), -100.0)
        return -jnp.mean(y * right + (1.0 - y) * wrong, axis=(0, 1))
    return jnp.mean(jnp.logaddexp(made, 0.0) - y * made, axis=(0, 1))


def _gradient(jnp: Jax, chain: Chain, flat: Any, made: list[Any], y: Any) -> Any:
    """Return (P, M): the gradient of the loss, as `losses.slope` and `layouts.Last` take it."""
    count, last = made[-1].shape[0] * made[-1].shape[1], made[-1]
    if chain.loss == "bce":
        spread = last * (1.0 - last)
        at = (last - y) * (spread / jnp.maximum(spread, 1e-12)) / count
    elif chain.loss == "mse":
        at = _through(jnp, chain.layers[-1].activation, 2.0 * (last - y) / count, last)
    else:
        at = (_activated(jnp, "sigmoid", last) - y) / count
    parts: dict[int, Any] = {}
    for number in range(len(chain.layers) - 1, -1, -1):
        layer, given = chain.layers[number], made[number]
        outer = sum(at[row][:, None] * given[row][None] for row in range(given.shape[0]))
        parts[layer.weight] = outer.reshape(layer.outputs * layer.inputs, -1)
        if layer.bias >= 0:
            parts[layer.bias] = at.sum(0)
        if number:
            weight, _ = _views(layer, flat)
            back = sum(at[:, unit : unit + 1] * weight[unit][None] for unit in range(layer.outputs))
            at = _through(jnp, chain.layers[number - 1].activation, back, given)
    return jnp.concatenate([parts[place] for place in sorted(parts)])


def _moved(
    jnp: Jax,
    kind: str,
    momentum: float,
    weights: Any,
    gradient: Any,
    state: Any,
    rate: Any,
    count: Any,
) -> tuple[Any, Any]:
    if kind == "Adam":
        first = 0.9 * state[0] + 0.1 * gradient
        second = 0.999 * state[1] + 0.001 * gradient * gradient
        t = count.astype(jnp.float32)
        spread = jnp.sqrt(second / (1.0 - 0.999**t)) + 1e-8
        return weights - rate * (first / (1.0 - 0.9**t)) / spread, (first, second)
    if momentum:
        later = momentum * state[0] + gradient
        return weights - rate * later, (later,)
    return weights - rate * gradient, ()
