"""How large the first step is: against the loss's curvature, or in spreads of the targets.

Products with a vector are differentiated as sums: `grad`, if given the vector, imports sympy for a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from unstuck.core.recording import Recording
from unstuck.core.setup import Json, Parameter, Setup
from unstuck.core.transform import group
from unstuck.probe.loss import meant_loss
from unstuck.probe.measured import Measured, table
from unstuck.probe.predictions import in_target_units, spread
from unstuck.probe.problem import own_problem
from unstuck.probe.subject import Subject, array
from unstuck.replay import tensors

PRODUCTS = 30  # Hessian products at most
LEAST = 12  # products before the residual is believed: few can settle on a smaller eigenvalue
NOTHING = 1e-12  # of the eigenvalue: the products span no new direction
ENOUGH = 1e-3  # relative error of the largest eigenvalue that is good enough
LARGEST = 2_000_000  # weights beyond which thirty products are not worth their time

BY_SIGN = frozenset({"Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad", "Rprop", "RMSprop"})
"""Optimizers whose first step is the rate times the gradient's sign (RMSprop: over sqrt(1 - alpha))."""


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``rate_over_edge`` at the start.

    Gradient descent is stable up to the rate 2(1 + m)/lambda with heavy-ball momentum m (Cohen et al.
    2021, arXiv:2103.00065, equation 1 and below). Rates that differ between groups of parameters are
    taken into the Hessian, from both sides by their roots.
    """
    optimizer = subject.setup.optimizer
    weights, rates = _trained(subject.setup)
    if not weights:
        return {"rate_over_edge": "no weight gets a gradient and is held by an optimizer"}
    if not all(math.isfinite(rate) for rate in rates.values()):
        return {"rate_over_edge": "the learning rate is not known"}
    if sum(weight.numel() for weight in weights.values()) > LARGEST:
        return {"rate_over_edge": f"more than {LARGEST:,} weights"}
    if optimizer.kind == "SGD":
        momentum = float(optimizer.groups[0].get("momentum", 0) or 0) if optimizer.groups else 0.0
        ratio = largest_curvature(subject, weights, rates) / (2 * (1 + momentum))
    elif optimizer.kind in BY_SIGN:
        ratio = predicted_change(subject, weights, rates)
    else:
        return {"rate_over_edge": f"the first step of {optimizer.kind} has no simple form"}
    return {"rate_over_edge": table("rate_over_edge", (0,), [{"rate": ratio}])}


def _trained(setup: Setup) -> tuple[dict[int, Tensor], dict[int, float]]:
    """Return starting weights and rates of what an optimizer holds: slot -> tensor, slot -> rate."""
    start = tensors.weights(setup)
    moved = group(setup)
    held = [p for p in setup.parameters if moved[p.slot] >= 0 and start[p.slot].is_floating_point()]
    rates = {p.slot: _rate(setup, p) for p in held}
    return {p.slot: start[p.slot] for p in held}, rates


def _rate(setup: Setup, parameter: Parameter) -> float:
    groups = setup.optimizer.groups
    own: dict[str, Json] = groups[min(parameter.group, len(groups) - 1)] if groups else {}
    rate = float(own.get("lr", math.nan))
    if setup.optimizer.kind == "RMSprop":
        rate /= math.sqrt(1 - float(own.get("alpha", 0.99)))
    return rate


def _full_loss(subject: Subject, weights: dict[int, Tensor]) -> Tensor:
    """Return the loss over all probed rows, of weights that replace those recorded at the start."""
    return meant_loss(subject)(_predicted(subject, weights))


def _predicted(subject: Subject, weights: dict[int, Tensor]) -> Tensor:
    program = subject.setup.program
    every = {**tensors.weights(subject.setup), **weights}
    return subject.run(every, subject.rows, (program.prediction,))[program.prediction]


def largest_curvature(
    subject: Subject, weights: dict[int, Tensor], rates: dict[int, float]
) -> float:
    """Return the largest eigenvalue of sqrt(rates) · Hessian · sqrt(rates), at least 0."""
    leaves = {slot: weight.detach().clone().requires_grad_() for slot, weight in weights.items()}
    loss = _full_loss(subject, leaves)
    slots, values = tuple(leaves), tuple(leaves.values())
    gradients = torch.autograd.grad(loss, values, create_graph=True, materialize_grads=True)
    if not any(gradient.requires_grad for gradient in gradients):
        return 0.0  # the loss is linear in the weights
    root = torch.cat([torch.full((leaves[s].numel(),), math.sqrt(max(rates[s], 0))) for s in slots])
    root = root.to(values[0].dtype)
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])

    def product(vector: np.ndarray) -> np.ndarray:
        along = (root * torch.from_numpy(vector).to(root.dtype)).detach()
        slope = flat @ along
        parts = torch.autograd.grad(slope, values, retain_graph=True, materialize_grads=True)
        return array(root * torch.cat([part.reshape(-1) for part in parts]))

    return max(largest_eigenvalue(product, len(root)), 0.0)


def largest_eigenvalue(
    product: Callable[[np.ndarray], np.ndarray], size: int, *, seed: int = 0
) -> float:
    """Return the largest (most positive) eigenvalue of a symmetric map by Lanczos iteration.

    At most thirty products, with full re-orthogonalisation (Golub and Van Loan, section 10.1);
    power iteration would find the largest in absolute value and needs more of them.
    """
    vector = np.random.default_rng(seed).normal(size=size)
    basis = [vector / np.linalg.norm(vector)]
    diagonal: list[float] = []
    beside: list[float] = []
    for _ in range(min(PRODUCTS, size)):
        image = product(basis[-1])
        diagonal.append(float(basis[-1] @ image))
        for earlier in (*basis, *basis):
            image = image - (earlier @ image) * earlier
        norm = float(np.linalg.norm(image))
        top, weight = _top(diagonal, beside)
        settled = len(basis) >= LEAST and norm * weight <= ENOUGH * abs(top)
        if settled or norm <= NOTHING * abs(top):  # the residual bounds the error
            break
        beside.append(norm)
        basis.append(image / norm)
    return top


def _top(diagonal: list[float], beside: list[float]) -> tuple[float, float]:
    """Return the largest eigenvalue of a tridiagonal matrix, and its vector's last entry in size."""
    off = beside[: len(diagonal) - 1]
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
    return float(values[-1]), abs(float(vectors[-1, -1]))


def predicted_change(
    subject: Subject, weights: dict[int, Tensor], rates: dict[int, float]
) -> float:
    """Return how far one step by the gradient's signs moves the predictions, to first order.

    In spreads of the targets: root mean square over rows of the derivative along that step.
    """
    made = own_problem(subject)
    wide = spread(made.flat_targets)
    leaves = {slot: weight.detach().clone().requires_grad_() for slot, weight in weights.items()}
    slots, values = tuple(leaves), tuple(leaves.values())
    gradients = torch.autograd.grad(_full_loss(subject, leaves), values, materialize_grads=True)
    step = [-rates[slot] * g.sign() for slot, g in zip(slots, gradients, strict=True)]
    change = _along(in_target_units(_predicted(subject, leaves), made.task.kind), values, step)
    return float(np.sqrt((array(change) ** 2).sum(1).mean())) / wide if wide > 0 else math.nan


def _along(outputs: Tensor, values: tuple[Tensor, ...], step: list[Tensor]) -> Tensor:
    """Return the derivative of outputs along a step in `values`, by differentiating twice backwards.

    The gradient of (outputs · dummy) is linear in the dummy, and its slope is the Jacobian.
    """
    dummy = torch.zeros_like(outputs, requires_grad=True)
    weighed = (outputs * dummy).sum()
    back = torch.autograd.grad(weighed, values, create_graph=True, materialize_grads=True)
    total = sum((b * s).sum() for b, s in zip(back, step, strict=True))
    assert isinstance(total, Tensor)
    (slope,) = torch.autograd.grad(total, dummy)
    return slope
