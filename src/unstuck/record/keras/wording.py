"""What Keras' losses and layers compute, put onto the tape as one operation of torch's where it is the same.

Keras writes a loss, a dropout or a normalisation in many small operations, which depend on the size of the
batch. Each is told as torch's own function instead, but only if that gives the same numbers here and now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from unstuck.record.torch.tape import Tape

MEANS = frozenset({"sum_over_batch_size", "mean"})
"""Keras' names for a mean over the batch."""

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


def loss(tape: Tape, since: int, made: Tensor, one: Any, target: Any, given: Any) -> None:
    """Tell a loss as torch's function of the same name; since: the operation that it began with."""
    name = getattr(getattr(one, "fn", None), "__name__", "")
    if one.reduction not in MEANS or not isinstance(given, Tensor) or name not in LOSSES:
        return
    settings = dict(getattr(one, "_fn_kwargs", {}))
    if settings.get("label_smoothing") or settings.get("axis", -1) not in (-1, given.dim() - 1):
        return
    wanted = torch.as_tensor(target, device=given.device)
    for calls in LOSSES[name](given, wanted, settings):
        if told(tape, since, made, calls):
            return


def mean(tape: Tape, since: int, made: Tensor, values: Any, weights: Any) -> None:
    """Tell a mean of weighted values over a batch of any size."""
    if not isinstance(values, Tensor) or tape.slot(values) is None:
        return
    calls: list[Call] = []
    if weights is not None:
        weight = torch.as_tensor(weights).to(values)
        weight = weight.reshape(weight.shape[: values.dim()])
        weight = weight.reshape(*weight.shape, *[1] * (values.dim() - weight.dim()))
        calls.append((torch.mul, (values, weight), {}))
    told(tape, since, made, [*calls, (torch.mean, (values,), {})])


def dropout(tape: Tape, since: int, made: Any, given: Any, rate: float) -> None:
    """Tell what drops each number with a probability."""
    if not isinstance(made, Tensor) or made is given or made.is_meta or not 0.0 < rate < 1.0:
        return
    if bool(((made == 0) | torch.isclose(made, given / (1.0 - rate))).all()):
        put(tape, since, made, [(functional.dropout, (given, rate, True), {})], [made])


def batch_norm(tape: Tape, since: int, made: Any, given: Any, layer: Any, training: bool) -> None:
    """Tell a normalisation by the batch, or by what was kept of earlier ones, of one number a feature and row."""
    if not isinstance(made, Tensor) or not isinstance(given, Tensor) or given.dim() != 2:
        return
    kept = [layer.moving_mean, layer.moving_variance, layer.gamma, layer.beta]
    parts = [None if one is None else one._value for one in kept]
    settings = (*parts, training, 1.0 - float(layer.momentum), float(layer.epsilon))
    told(tape, since, made, [(functional.batch_norm, (given, *settings), {})])


def standardised(tape: Tape, since: int, made: Any, given: Any, layer: Any) -> None:
    """Tell what subtracts a mean and divides by a spread that were taken of the rows before."""
    if not isinstance(made, Tensor) or not isinstance(given, Tensor) or given.dim() != 2:
        return
    if layer.invert or layer.mean is None:
        return
    given, mean, spread = given.to(made), layer.mean.reshape(-1), layer.variance.reshape(-1)
    if len(mean) == 1:
        mean, spread = (one.expand(given.shape[1]).clone() for one in (mean, spread))
    call: Call = (functional.batch_norm, (given, mean, spread, None, None, False, 0.0, 1e-14), {})
    told(tape, since, made, [call])


def rescaled(tape: Tape, since: int, made: Any, given: Any, layer: Any) -> None:
    """Tell what multiplies by one number and adds another; of single numbers as what normalises them."""
    scale, offset = layer.scale, layer.offset
    if not isinstance(made, Tensor) or not isinstance(given, Tensor):
        return
    if not isinstance(scale, int | float) or not isinstance(offset, int | float):
        return
    if given.dim() == 2 and scale > 0 and not given.is_meta:
        given = given.to(made)
        parts = torch.full((2, given.shape[1]), 1.0 / scale**2).to(made)
        parts[0] = -offset / scale
        standard = (given, parts[0], parts[1], None, None, False, 0.0, 0.0)
        told(tape, since, made, [(functional.batch_norm, standard, {})])
    else:
        calls: list[Call] = [(torch.mul, (given, float(scale)), {})]
        if offset:
            calls.append((torch.add, (given, float(offset)), {}))
        told(tape, since, made, calls)


def told(tape: Tape, since: int, made: Tensor, calls: list[Call]) -> bool:
    """Put calls, each of which reads what the last one made, in the place of what was taped; whether they fit."""
    if made.is_meta:  # a look at shapes only
        return False
    between: list[Tensor] = []
    try:
        for number, (function, args, kwargs) in enumerate(calls):
            used = (between[-1], *args[1:]) if number else args
            copied = [one.clone() if isinstance(one, Tensor) else one for one in used]
            between.append(function(*copied, **kwargs))  # which may write into what it is given
    except (RuntimeError, ValueError, TypeError, IndexError):
        return False
    last = between[-1]
    if last.shape != made.shape or not torch.allclose(
        last, made.detach().to(last), rtol=1e-4, atol=1e-6, equal_nan=True
    ):
        return False
    put(tape, since, made, calls, [*between[:-1], made])
    return True


def put(tape: Tape, since: int, made: Tensor, calls: list[Call], outs: list[Tensor]) -> None:
    """Put calls on the tape in the place of what was taped since; outs: what each of them makes."""
    still = not made.requires_grad
    del tape.ops[since:]
    for number, ((function, args, kwargs), out) in enumerate(zip(calls, outs, strict=True)):
        used = (outs[number - 1], *args[1:]) if number else args
        tape.add(function, used, kwargs, out, still=still)
        tape.ops[-1].off = None  # gradients are off here only, and not where it ran


def _squares(given: Tensor, target: Tensor, settings: dict[str, Any]) -> Iterator[list[Call]]:
    yield [(functional.mse_loss, (given, like(target, given)), {})]


def _absolute(given: Tensor, target: Tensor, settings: dict[str, Any]) -> Iterator[list[Call]]:
    yield [(functional.l1_loss, (given, like(target, given)), {})]


def _huber(given: Tensor, target: Tensor, settings: dict[str, Any]) -> Iterator[list[Call]]:
    delta = {"delta": float(settings.get("delta", 1.0))}
    yield [(functional.huber_loss, (given, like(target, given)), delta)]


def _yes_or_no(given: Tensor, target: Tensor, settings: dict[str, Any]) -> Iterator[list[Call]]:
    wanted = like(target, given)
    if settings.get("from_logits"):
        yield [(functional.binary_cross_entropy_with_logits, (given, wanted), {})]
    else:
        cut: Call = (torch.clamp, (given, EPSILON, 1.0 - EPSILON), {})
        yield [cut, (functional.binary_cross_entropy, (given, wanted), {})]


def _classes(given: Tensor, target: Tensor, settings: dict[str, Any]) -> Iterator[list[Call]]:
    if settings.get("from_logits") and given.dim() == 2:
        yield [(functional.cross_entropy, (given, like(target, given)), {})]


def _numbers(given: Tensor, target: Tensor, settings: dict[str, Any]) -> Iterator[list[Call]]:
    if settings.get("from_logits") and given.dim() == 2:
        yield [(functional.cross_entropy, (given, target.reshape(-1).long()), {})]


EPSILON = 1e-7
"""How near to 0 and 1 Keras lets a probability come (`keras.config.epsilon`, unless it was set)."""

LOSSES: dict[str, Callable[[Tensor, Tensor, dict[str, Any]], Iterator[list[Call]]]] = {
    "mean_squared_error": _squares,
    "mean_absolute_error": _absolute,
    "huber": _huber,
    "binary_crossentropy": _yes_or_no,
    "categorical_crossentropy": _classes,
    "sparse_categorical_crossentropy": _numbers,
}


def like(target: Tensor, given: Tensor) -> Tensor:
    """Return targets in the precision of the predictions, with an axis where Keras gives them one."""
    wanted = target.to(given.dtype)
    if wanted.dim() == given.dim() - 1 and given.shape[-1] == 1:
        wanted = wanted.unsqueeze(-1)
    return wanted
