"""Update rules as pure functions of flat weights, gradient and state, for a whole ensemble at once.

Each follows torch's own definition (torch.optim documentation, "Algorithm" boxes); the tests hold
them against torch.optim itself, step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unstuck.core.setup import Optimizer

State = tuple[Tensor, ...]
Update = Callable[[Tensor, Tensor, State, Tensor, Tensor], tuple[Tensor, State]]
"""``update(weights (M, P), gradient (M, P), state, rate (M, P) or (M, 1), t scalar)``, t from 1."""


class Untrainable(ValueError):
    """A setup that trials cannot train; the message says why."""


def update_rule(optimizer: Optimizer, decay: Tensor | None = None) -> tuple[int, Update]:
    """Return how many state tensors the rule keeps, and the rule. Raises Untrainable.

    decay: (P,) the penalty on each number of the weights, where groups differ in it.
    """
    makers = {
        "SGD": _sgd,
        "Adam": _adam,
        "AdamW": _adam,
        "RMSprop": _rmsprop,
        "Adagrad": _adagrad,
    }
    maker = makers.get(optimizer.kind)
    if maker is None:
        raise Untrainable(f"the update rule {optimizer.kind} is not one that trials can follow")
    settings = _shared(optimizer, _IGNORED if decay is None else _IGNORED | {DECAY})
    settings = settings if decay is None else {**settings, DECAY: decay}
    apart = bool(settings.get("decoupled_weight_decay")) and maker is not _adam
    kept, update = maker(optimizer.kind, {**settings, DECAY: 0.0} if apart else settings)
    return kept, _shrinking(update, _decay(settings)) if apart else update


def _shrinking(update: Update, decay: float | Tensor) -> Update:
    """Return the rule with weights that shrink before each update, as Keras' ``weight_decay`` does."""

    def shrunk(
        weights: Tensor, gradient: Tensor, state: State, rate: Tensor, t: Tensor
    ) -> tuple[Tensor, State]:
        return update(weights * (1.0 - rate * decay), gradient, state, rate, t)

    return shrunk


def decays(optimizer: Optimizer) -> tuple[float, ...] | None:
    """Return the penalty on the weights of each group where they differ in it, else None."""
    each = tuple(float(group.get(DECAY) or 0.0) for group in optimizer.groups)
    return each if len(set(each)) > 1 else None


def _shared(optimizer: Optimizer, ignored: set[str]) -> dict[str, Any]:
    """Return the settings of all groups, which may differ in their rates and penalties only."""
    first = {k: v for k, v in optimizer.groups[0].items() if k not in ignored}
    for group in optimizer.groups[1:]:
        if {k: v for k, v in group.items() if k not in ignored} != first:
            raise Untrainable("the parameter groups differ in more than their learning rates")
    return first


def _decay(settings: dict[str, Any]) -> float | Tensor:
    """Return the penalty on the weights: one number, or one for each of them."""
    found = settings.get(DECAY)
    return found if isinstance(found, Tensor) else float(found or 0.0)


DECAY = "weight_decay"


_IGNORED = {"lr", "initial_lr", "foreach", "fused", "capturable", "differentiable", "name"}


def _prepared(settings: dict[str, Any]) -> Callable[[Tensor, Tensor], Tensor]:
    """Return what is done to the gradient first: its sign, and the penalty on the weights."""
    sign = -1.0 if settings.get("maximize") else 1.0
    decay = _decay(settings)
    some = isinstance(decay, Tensor) or decay != 0.0

    def prepared(weights: Tensor, gradient: Tensor) -> Tensor:
        gradient = gradient * sign if sign < 0 else gradient
        return gradient + decay * weights if some else gradient

    return prepared


def _sgd(kind: str, settings: dict[str, Any]) -> tuple[int, Update]:
    momentum = float(settings.get("momentum") or 0.0)
    damped = 1.0 - float(settings.get("dampening") or 0.0)
    nesterov = bool(settings.get("nesterov"))
    rated = bool(  # scikit-learn's and Keras': an old move keeps the rate of its own step
        settings.get("rate_in_velocity")
    )
    prepared = _prepared(settings)

    def update(
        weights: Tensor, gradient: Tensor, state: State, rate: Tensor, t: Tensor
    ) -> tuple[Tensor, State]:
        gradient = prepared(weights, gradient)
        if not momentum:
            return weights - rate * gradient, ()
        if rated:
            later = momentum * state[0] + rate * gradient
            move = rate * gradient + momentum * later if nesterov else later
            return weights - move, (later,)
        later = momentum * state[0] + damped * gradient
        buffer = later if damped == 1.0 else torch.where(t > 1, later, gradient)
        move = gradient + momentum * buffer if nesterov else buffer
        return weights - rate * move, (buffer,)

    return (1 if momentum else 0), update


def _adam(kind: str, settings: dict[str, Any]) -> tuple[int, Update]:
    beta1, beta2 = (float(beta) for beta in settings.get("betas", (0.9, 0.999)))
    eps, amsgrad = float(settings.get("eps", 1e-8)), bool(settings.get("amsgrad"))
    early = bool(  # scikit-learn's and Keras': added to what is corrected later
        settings.get("eps_before_correction")
    )
    decoupled = kind == "AdamW" or bool(settings.get("decoupled_weight_decay"))
    decay = _decay(settings) if decoupled else 0.0
    some = isinstance(decay, Tensor) or decay != 0.0
    prepared = _prepared({**settings, "weight_decay": 0.0} if decoupled else settings)

    def update(
        weights: Tensor, gradient: Tensor, state: State, rate: Tensor, t: Tensor
    ) -> tuple[Tensor, State]:
        if some:
            weights = weights * (1.0 - rate * decay)
        gradient = prepared(weights, gradient)
        first = beta1 * state[0] + (1.0 - beta1) * gradient
        second = beta2 * state[1] + (1.0 - beta2) * gradient * gradient
        mean = first / (1.0 - torch.pow(beta1, t))
        widest = torch.maximum(state[2], second) if amsgrad else second
        made = 1.0 - torch.pow(beta2, t)
        spread = (widest / made).sqrt() + (eps / made.sqrt() if early else eps)
        return weights - rate * mean / spread, (first, second, *([widest] if amsgrad else []))

    return (3 if amsgrad else 2), update


def _root(square: Tensor, eps: float, settings: dict[str, Any]) -> Tensor:
    """Return the root of a mean square, kept from zero: by an epsilon beside it or, in Keras, under it."""
    return (square + eps).sqrt() if settings.get("eps_under_root") else square.sqrt() + eps


def _rmsprop(kind: str, settings: dict[str, Any]) -> tuple[int, Update]:
    alpha, eps = float(settings.get("alpha", 0.99)), float(settings.get("eps", 1e-8))
    momentum, prepared = float(settings.get("momentum") or 0.0), _prepared(settings)
    of_moves = bool(settings.get("rate_in_velocity"))
    if settings.get("centered"):
        raise Untrainable("centered RMSprop is not one of the rules that trials can follow")

    def update(
        weights: Tensor, gradient: Tensor, state: State, rate: Tensor, t: Tensor
    ) -> tuple[Tensor, State]:
        gradient = prepared(weights, gradient)
        square = alpha * state[0] + (1.0 - alpha) * gradient * gradient
        move = gradient / _root(square, eps, settings)
        if momentum and of_moves:
            move = momentum * state[1] + rate * move
            return weights - move, (square, move)
        if momentum:
            move = momentum * state[1] + move
            return weights - rate * move, (square, move)
        return weights - rate * move, (square,)

    return (2 if momentum else 1), update


def _adagrad(kind: str, settings: dict[str, Any]) -> tuple[int, Update]:
    eps, slowing = float(settings.get("eps", 1e-10)), float(settings.get("lr_decay") or 0.0)
    first = float(settings.get("initial_accumulator_value") or 0.0)
    prepared = _prepared(settings)

    def update(
        weights: Tensor, gradient: Tensor, state: State, rate: Tensor, t: Tensor
    ) -> tuple[Tensor, State]:
        gradient = prepared(weights, gradient)
        total = state[0] + gradient * gradient
        slowed = rate / (1.0 + (t - 1.0) * slowing)
        return weights - slowed * gradient / _root(total + first, eps, settings), (total,)

    return 1, update
