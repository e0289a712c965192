"""Small networks and rows that the tests of the solver share."""

import itertools

import torch
from torch import Tensor, nn


def chain(*widths: int, act: type[nn.Module] = nn.ReLU, seed: int = 0) -> nn.Sequential:
    """Return Linear layers of these widths with an activation between them, drawn by a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts: list[nn.Module] = []
        for reads, makes in itertools.pairwise(widths):
            parts += [nn.Linear(reads, makes), act()]
    return nn.Sequential(*parts[:-1])


def rows(count: int, columns: int, *, seed: int = 0) -> Tensor:
    """Return rows far from standard: columns of other means and spreads each."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(count, columns, generator=generator)
    return drawn * torch.arange(1, columns + 1) * 7 + 90


XNOR = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AGREE = torch.tensor([1.0, 0.0, 0.0, 1.0])
