"""Two ways in which stacked weights lie in memory, and a layer's three products in each.

`Last` puts the members side by side (…, M): a narrow network's products are then a few passes over long
rows, with nothing to start up for each member. `First` puts them in front (M, …), so that wide layers are
batched matrix products. Which is faster for which network was measured (docs/decisions).
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

import torch
from torch import Tensor

from unstuck.lab.engine.chain import Chain, Layer

NARROW = 16  # units of the widest hidden layer up to which members lie last
FEW_PRODUCTS = 10_000  # rows x weights of the largest hidden layer, likewise
CACHE = 48_000  # float32 numbers that a block's largest activation may have: about a core's second cache


class Layout(Protocol):
    """How weights of M members lie in memory, and what a layer does with them."""

    @property
    def over(self) -> tuple[int, int]:
        """Return the axes of rows and outputs."""

    def laid(self, weights: Tensor) -> Tensor:
        """Return weights (M, P) as they lie here."""

    def rows(self, array: Tensor) -> Tensor:
        """Return rows (n, d) so that they meet any member."""

    def views(self, flat: Tensor, layer: Layer) -> tuple[Tensor, Tensor | None]:
        """Return a layer's weights and its bias as views of `flat`."""

    def forward(self, weight: Tensor, bias: Tensor | None, given: Tensor) -> Tensor:
        """Return the layer's outputs, before its activation."""

    def gather(
        self, weight: Tensor, bias: Tensor | None, given: Tensor, slope: Tensor, kept: bool
    ) -> None:
        """Put the gradient of the layer into views of a gradient; kept: on top of what is there."""

    def back(self, weight: Tensor, slope: Tensor) -> Tensor:
        """Return the gradient with respect to the layer's inputs."""


class First:
    """Members in front: batched matrix products."""

    over: tuple[int, int] = (1, 2)

    def laid(self, weights: Tensor) -> Tensor:
        """Return (M, P)."""
        return weights.clone()

    def rows(self, array: Tensor) -> Tensor:
        """Return (1, n, d)."""
        return array.unsqueeze(0)

    def views(self, flat: Tensor, layer: Layer) -> tuple[Tensor, Tensor | None]:
        """Return (M, outputs, inputs) and (M, 1, outputs)."""
        size = layer.outputs * layer.inputs
        weight = flat[:, layer.weight : layer.weight + size]
        weight = weight.view(-1, layer.outputs, layer.inputs)
        if layer.bias < 0:
            return weight, None
        return weight, flat[:, layer.bias : layer.bias + layer.outputs].unsqueeze(1)

    def forward(self, weight: Tensor, bias: Tensor | None, given: Tensor) -> Tensor:
        """Return (M, n, outputs)."""
        given = given.expand(len(weight), -1, -1)
        turned = weight.transpose(1, 2)
        return torch.bmm(given, turned) if bias is None else torch.baddbmm(bias, given, turned)

    def gather(
        self, weight: Tensor, bias: Tensor | None, given: Tensor, slope: Tensor, kept: bool
    ) -> None:
        """Put the gradient into (M, outputs, inputs) and (M, 1, outputs)."""
        given = given.expand(len(weight), -1, -1)
        weight.baddbmm_(slope.transpose(1, 2), given, beta=float(kept))
        if bias is not None:
            total = slope.sum(1, keepdim=True)
            bias.add_(total) if kept else bias.copy_(total)

    def back(self, weight: Tensor, slope: Tensor) -> Tensor:
        """Return (M, n, inputs)."""
        return torch.bmm(slope, weight)


class Last:
    """Members side by side: products as passes over long rows."""

    over: tuple[int, int] = (0, 1)

    def laid(self, weights: Tensor) -> Tensor:
        """Return (P, M)."""
        return weights.t().contiguous()

    def rows(self, array: Tensor) -> Tensor:
        """Return (n, d, 1)."""
        return array.unsqueeze(2)

    def views(self, flat: Tensor, layer: Layer) -> tuple[Tensor, Tensor | None]:
        """Return (outputs, inputs, M) and (outputs, M)."""
        size = layer.outputs * layer.inputs
        weight = flat[layer.weight : layer.weight + size].view(layer.outputs, layer.inputs, -1)
        if layer.bias < 0:
            return weight, None
        return weight, flat[layer.bias : layer.bias + layer.outputs]

    def forward(self, weight: Tensor, bias: Tensor | None, given: Tensor) -> Tensor:
        """Return (n, outputs, M)."""
        zero = given[:, 0:1] * weight[:, 0]
        made = zero if bias is None else zero.add_(bias)
        for unit in range(1, weight.shape[1]):
            made.addcmul_(given[:, unit : unit + 1], weight[:, unit])
        return made

    def gather(
        self, weight: Tensor, bias: Tensor | None, given: Tensor, slope: Tensor, kept: bool
    ) -> None:
        """Put the gradient into (outputs, inputs, M) and (outputs, M)."""
        if bias is not None:
            bias.add_(slope.sum(0)) if kept else torch.sum(slope, 0, out=bias)
        outputs, inputs, _ = weight.shape
        if len(slope) <= inputs * outputs:
            self._by_rows(weight, given, slope, kept)
            return
        for unit in range(inputs):
            total = (slope * given[:, unit : unit + 1]).sum(0)
            weight[:, unit].add_(total) if kept else weight[:, unit].copy_(total)

    def _by_rows(self, weight: Tensor, given: Tensor, slope: Tensor, kept: bool) -> None:
        """Add up the outer products of row after row."""
        first = 0
        if not kept:
            torch.mul(slope[0].unsqueeze(1), given[0].unsqueeze(0), out=weight)
            first = 1
        for row in range(first, len(slope)):
            weight.addcmul_(slope[row].unsqueeze(1), given[row].unsqueeze(0))

    def back(self, weight: Tensor, slope: Tensor) -> Tensor:
        """Return (n, inputs, M)."""
        made = slope[:, 0:1] * weight[0]
        for unit in range(1, weight.shape[0]):
            made.addcmul_(slope[:, unit : unit + 1], weight[unit])
        return made


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """A layout, and how many members are trained at a time so that they stay in the cache."""

    layout: Layout
    block: int


def layout(chain: Chain, rows: int, device: str) -> Plan:
    """Return how networks of these shapes are laid out: a function of the shapes alone."""
    hidden = chain.layers[1:]
    widest = max(max(one.inputs, one.outputs) for one in chain.layers)
    heaviest = max((rows * one.inputs * one.outputs for one in hidden), default=0)
    narrow = max((max(one.inputs, one.outputs) for one in hidden), default=0) <= NARROW
    if device != "cpu":
        return Plan(Last() if narrow and heaviest <= FEW_PRODUCTS else First(), 1 << 30)
    if narrow and heaviest <= FEW_PRODUCTS:
        return Plan(Last(), _block(rows * widest, least=256))
    return Plan(First(), _block(max(rows * widest, chain.size), least=8))


def _block(numbers: int, *, least: int) -> int:
    """Return a power of two of members, so that blocks of a chunk have the same size."""
    block = least
    while 2 * block * numbers <= CACHE * 4:
        block *= 2
    return block
