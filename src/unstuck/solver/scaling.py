"""Standardising inside the solving, and folding it back into the first and the last Linear layer.

The network is solved on rows with mean 0 and spread 1. Afterwards the same function of the raw rows is
made by changing the weights of its first Linear layers (and of its last, for scaled targets), so that
the user's own architecture takes the user's own rows.
"""

from __future__ import annotations

import copy
import dataclasses

import torch
from torch import Tensor, nn

from unstuck.solver.linears import calls, makers, readers

EXACT = 1e-9  # relative: folding is algebra, and float64 carries 1e-16 through a few layers
OTHERS = 3  # other weights under which folding has to hold
NEVER = 1e-12  # of a column's size: what varies by less is one number, up to float64's rounding
TAME = 10.0  # a mean or spread of inputs within this of 0 or 1 needs no scaling: a convention


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """The map z = (v - shift) / scale, entry by entry; shift and scale broadcast over rows."""

    shift: Tensor
    scale: Tensor

    def there(self, values: Tensor) -> Tensor:
        """Return the standardised values."""
        return (values - self.shift) / self.scale

    def back(self, values: Tensor) -> Tensor:
        """Return the raw values of standardised ones."""
        return values * self.scale + self.shift

    @property
    def inverse(self) -> Affine:
        """The map from standardised values to raw ones, as a map of the same kind."""
        return Affine(-self.shift / self.scale, 1 / self.scale)

    @property
    def unshifted(self) -> Affine:
        """The map that divides only, by the root of the mean square where the mean stays in."""
        return Affine(torch.zeros_like(self.shift), (self.scale**2 + self.shift**2).sqrt())


NOTHING = Affine(torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64))
"""The map that leaves everything as it is."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """How inputs and targets are standardised, and whether the network can absorb it.

    wrapped: the inputs' map has to stay outside of the network; notes: what there is to say about it.
    """

    inputs: Affine
    targets: Affine
    wrapped: bool
    notes: tuple[str, ...]


class Standardise(nn.Module):
    """(v - shift) / scale, entry by entry: put before a network that cannot absorb its scaling."""

    shift: Tensor
    scale: Tensor

    def __init__(self, shift: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("shift", shift)
        self.register_buffer("scale", scale)

    def forward(self, rows: Tensor) -> Tensor:
        """Return rows (n, …) standardised."""
        return (rows - self.shift) / self.scale


def by_column(inputs: Tensor) -> Affine:
    """Return the map that gives each entry of a row mean 0 and spread 1 over rows (n, …)."""
    scale = inputs.std(0, correction=0)
    still = scale <= NEVER * inputs.abs().amax(0)
    return Affine(inputs.mean(0), torch.where(still, torch.ones_like(scale), scale))


def as_a_whole(targets: Tensor) -> Affine:
    """Return the map of targets (n, …): a mean for each entry, one scale for all.

    One scale keeps the sum of squares what it is, up to a factor.
    """
    centred = targets - targets.mean(0)
    scale = centred.square().mean().sqrt()
    if scale <= NEVER * targets.abs().max():
        scale = torch.ones_like(scale)
    return Affine(targets.mean(0), scale)


def folded(model: nn.Module, inputs: Affine, targets: Affine, rows: Tensor) -> nn.Module:
    """Return a copy that does to raw rows what the model does to standardised ones.

    rows: some standardised rows (n, …), to see which layers read inputs and which make outputs.
    """
    made = copy.deepcopy(model)
    found, output = calls(made, rows)
    with torch.no_grad():
        for layer in readers(found, rows):
            _fold_in(layer, inputs)
        for layer in makers(found, output):
            _fold_out(layer, targets)
    return made


def _fold_in(layer: nn.Linear, by: Affine) -> None:
    shift, scale = (part.reshape(-1).to(layer.weight.dtype) for part in (by.shift, by.scale))
    layer.weight /= scale
    if layer.bias is not None:
        layer.bias.sub_(layer.weight @ shift.expand(layer.in_features))


def _fold_out(layer: nn.Linear, by: Affine) -> None:
    scale, shift = (part.reshape(-1).to(layer.weight.dtype) for part in (by.scale, by.shift))
    layer.weight *= scale[:, None]
    if layer.bias is not None:
        layer.bias.mul_(scale).add_(shift)


def scaling(model: nn.Module, inputs: Tensor, targets: Tensor | None) -> Scaling:
    """Return how rows are standardised for a model in float64; targets: None where they stay as they are.

    A map is used if folding it makes the same numbers; else one that only divides; else none.
    """
    by, wrapped, notes = _of_inputs(model, inputs)
    if targets is None:
        return Scaling(by, NOTHING, wrapped, notes)
    rows = by.there(inputs)
    full = as_a_whole(targets)
    for candidate in (full, full.unshifted):
        if _absorbs(model, NOTHING, candidate, rows):
            return Scaling(by, candidate, wrapped, notes)
    said = "targets were not standardised: the network does not end in a Linear layer"
    return Scaling(by, NOTHING, wrapped, (*notes, said))


def _of_inputs(model: nn.Module, inputs: Tensor) -> tuple[Affine, bool, tuple[str, ...]]:
    full = by_column(inputs)
    if _absorbs(model, full, NOTHING, inputs):
        return full, False, ()
    if _absorbs(model, full.unshifted, NOTHING, inputs):
        said = "the first layer has no bias: inputs were divided by their size, and not centred"
        return full.unshifted, False, (said,)
    if inputs.ndim > 2:  # images and series: one mean and one spread for all entries
        flat = inputs.reshape(-1, 1)
        full = by_column(flat)
        full = Affine(full.shift.reshape(()), full.scale.reshape(()))
    if full.shift.abs().max() <= TAME and 1 / TAME <= full.scale.min() <= full.scale.max() <= TAME:
        said = "inputs were left as they are: no Linear layer reads them alone, and their scale is fair"
        return NOTHING, False, (said,)
    said = (
        "no Linear layer alone reads the inputs, so the standardisation stands before the network:"
        " the model that is returned is nn.Sequential(Standardise, your network)"
    )
    return full, True, (said,)


def _absorbs(model: nn.Module, inputs: Affine, targets: Affine, raw: Tensor) -> bool:
    """Whether a folded copy makes of raw rows (n, …) what the map says, on rows and far from them.

    Asked of the model's weights and of others, since a network that is dead on these rows would agree
    to anything.
    """
    few = raw[:64]
    asked = inputs.there(torch.cat([few, 2 * few + 1]))
    found, output = calls(model, asked)
    if (inputs is not NOTHING and not readers(found, asked)) or (
        targets is not NOTHING and not makers(found, output)
    ):
        return False
    candidates = [model, *(_jumbled(model, seed) for seed in range(OTHERS))]
    return all(_agrees(each, inputs, targets, asked) for each in candidates)


def _agrees(model: nn.Module, inputs: Affine, targets: Affine, asked: Tensor) -> bool:
    made = folded(model, inputs, targets, asked)
    with torch.no_grad():
        meant, got = model(asked), made(inputs.back(asked))
        if targets is not NOTHING:
            meant = targets.back(meant)
    return bool((got - meant).abs().max() <= EXACT * (1 + meant.abs().max()))


def _jumbled(model: nn.Module, seed: int) -> nn.Module:
    """Return a copy with other weights of the same size, frozen ones too."""
    made = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in made.parameters():
            size = parameter.abs().max() if parameter.numel() else parameter.sum()
            drawn = torch.rand(parameter.shape, dtype=parameter.dtype, generator=generator)
            parameter.copy_((2 * drawn - 1) * (size if size > 0 else 1.0))
    return made
