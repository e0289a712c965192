"""Losses of stacked predictions, and their gradients with respect to the last linear layer's outputs.

A prediction is (rows, outputs, M) or (M, rows, outputs); the mean runs over rows and outputs, as torch's
``reduction="mean"`` does. Gradients are those of torch's own functions, their clamps included.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

TINY = 1e-12  # torch's: the least p(1 - p) that the gradient of binary_cross_entropy divides by
LOWEST = -100.0  # torch's: logarithms in binary_cross_entropy are not taken below it


def loss(kind: str, made: Tensor, targets: Tensor, over: tuple[int, ...]) -> Tensor:
    """Return (M,) mean losses; over: the axes of rows and outputs."""
    if kind == "mse":
        return (made - targets).square_().mean(over)
    if kind == "bce":
        right = made.log().clamp_(min=LOWEST)
        wrong = torch.log1p(-made).clamp_(min=LOWEST)
        return -torch.lerp(wrong, right, targets).mean(over)
    return (torch.nn.functional.softplus(made) - targets * made).mean(over)


def slope(kind: str, activation: str, made: Tensor, targets: Tensor, count: int) -> Tensor:
    """Return the gradient of the mean loss before the last activation; count: rows times outputs."""
    if kind == "bce":
        spread = made * (1.0 - made)
        return (made - targets).mul_(spread / spread.clamp(min=TINY)).div_(count)
    if kind == "mse":
        grad: Tensor = (made - targets).mul_(2.0 / count)
        return through(activation, grad, made)
    return (torch.sigmoid(made) - targets).div_(count)


def activated(activation: str, z: Tensor) -> Tensor:
    """Apply an activation in place."""
    if activation == "relu":
        return z.relu_()
    if activation == "tanh":
        return z.tanh_()
    if activation == "sigmoid":
        return z.sigmoid_()
    if activation == "elu":
        return torch.nn.functional.elu_(z)
    if activation == "leaky_relu":
        return torch.nn.functional.leaky_relu_(z)
    return z


def through(activation: str, grad: Tensor, made: Tensor) -> Tensor:
    """Return the gradient before an activation, from what it made; `grad` is overwritten."""
    if activation == "relu":
        return _threshold(grad, made)
    if activation == "tanh":
        return grad.mul_(1.0 - made * made)
    if activation == "sigmoid":
        return grad.mul_(made * (1.0 - made))
    if activation == "elu":
        return grad.mul_(torch.where(made > 0, 1.0, made + 1.0))
    if activation == "leaky_relu":
        return grad.mul_(torch.where(made > 0, 1.0, 0.01))
    return grad


def _threshold(grad: Tensor, made: Tensor) -> Tensor:
    """Return the gradient where a ReLU let something through, else 0: one pass over both."""
    kept: Any = torch.ops.aten.threshold_backward.grad_input
    found: Tensor = kept(grad, made, 0, grad_input=grad)
    return found
