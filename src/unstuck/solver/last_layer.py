"""The last layer's weights by linear least squares, given what the layers before it make of the rows."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unstuck.solver.linears import calls, makers

ROUNDING = float(torch.finfo(torch.float32).eps)
"""Directions of the features below this share of the largest are left alone: float32 holds no more."""

WORK = 4e9  # operations that one least-squares solve may take: about a second on one core


def solve_last_layer(model: nn.Module, inputs: Tensor, targets: Tensor, shares: Tensor) -> float:
    """Set the last Linear layer, in place, to the least squares over rows; return its operations, or 0.

    inputs (n, …), targets (n, k), shares (n,): weights of the rows. The network is linear in these
    weights, so this is exact (Golub and Pereyra 1973, SIAM J. Numer. Anal. 10:413); of all minima it is
    the one with the smallest weights.
    """
    found, output = calls(model, inputs)
    last = makers(found, output)
    if not last or output.shape[0] != len(inputs):
        return 0.0
    layer, read = last[0], found[-1].read.reshape(len(inputs), -1)
    if read.shape[1] != layer.in_features or _work(read) > WORK:
        return 0.0
    root = shares.sqrt()[:, None]
    trained = layer.bias is not None
    columns = [read, torch.ones_like(read[:, :1])] if trained else [read]
    aim = targets.reshape(len(inputs), -1)
    solved = torch.linalg.lstsq(
        torch.cat(columns, 1) * root, aim * root, rcond=ROUNDING, driver="gelsd"
    ).solution
    if not torch.isfinite(solved).all():
        return 0.0
    with torch.no_grad():
        layer.weight.copy_(solved[: layer.in_features].T)
        if trained:
            layer.bias.copy_(solved[-1])
    return _work(read)


def _work(read: Tensor) -> float:
    """Return the operations of a singular value decomposition (Golub and Van Loan, figure 8.6.1, rounded)."""
    small, large = sorted(read.shape)
    return 8.0 * small * small * large
