"""The fast engine: a chain of linear layers, its gradient written by hand, for a block of members at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from unstuck.core.setup import Setup
from unstuck.lab.engine.chain import Chain
from unstuck.lab.engine.chunk import Array, Work
from unstuck.lab.engine.layouts import Layout, layout
from unstuck.lab.engine.looks import looks
from unstuck.lab.engine.losses import activated, loss, slope, through
from unstuck.lab.engine.starts import starts
from unstuck.lab.engine.update import update

Batch = tuple[Tensor, Tensor]


def train(work: Work, chain: Chain) -> tuple[Array, Array]:
    """Return final judged losses (count,) and hits (count,) of a chunk, trained block after block."""
    setup = work.setup
    plan = layout(chain, min(setup.plan.batch, setup.data.count), work.device)
    weights = torch.from_numpy(starts(setup, work.first, work.count, work.seed))
    losses, hits = [], []
    with torch.no_grad():
        for block in torch.split(weights, plan.block):
            trained = Block(work, chain, plan.layout, block.to(work.device))
            found, met = trained.run()
            losses.append(found.cpu().numpy())
            hits.append(met.cpu().numpy())
    return np.concatenate(losses), np.concatenate(hits)


class Block:
    """Members that are trained together: their weights, their gradient, and views of both by layer."""

    def __init__(self, work: Work, chain: Chain, lay: Layout, weights: Tensor) -> None:
        self.work, self.chain, self.lay = work, chain, lay
        self.flat = lay.laid(weights)
        self.gradient = torch.zeros_like(self.flat)
        self.views = [lay.views(self.flat, one) for one in chain.layers]
        self.slopes = [lay.views(self.gradient, one) for one in chain.layers]
        self.gathers = work.setup.loop.clears == "never"
        self.move = update(work.setup.optimizer, self.flat, owned=not self.gathers)
        self.members = len(weights)

    def run(self) -> tuple[Tensor, Tensor]:
        """Train to the end; return final losses (M,) and the updates after which the goal was first met."""
        setup, steps = self.work.setup, self.work.setup.plan.steps
        whole = self._whole(setup)
        hits = torch.full((self.members,), -1, dtype=torch.int32, device=self.flat.device)
        looked, full = looks(steps), setup.plan.order == "full"
        for step, (x, y) in zip(range(steps), self._batches(setup, whole), strict=False):
            made = self._forward(x)
            if step in looked:
                self._look(hits, step, made[-1] if full else self._forward(whole[0])[-1], whole[1])
            self._backward(made, y)
            self.move(self.gradient)
        found = self._judged(self._forward(whole[0])[-1], whole[1])
        met = found <= self.work.goal
        late = torch.full_like(hits, steps)
        hits = torch.where(met, torch.where(hits < 0, late, hits), torch.full_like(hits, -1))
        return found, hits

    def _look(self, hits: Tensor, step: int, made: Tensor, targets: Tensor) -> None:
        met = (self._judged(made, targets) <= self.work.goal) & (hits < 0)
        hits.masked_fill_(met, step)

    def _judged(self, made: Tensor, targets: Tensor) -> Tensor:
        return loss(self.chain.judged, made, targets, self.lay.over)

    def _whole(self, setup: Setup) -> Batch:
        slots = (setup.program.inputs[0], setup.program.targets[0])
        x, y = (torch.from_numpy(np.ascontiguousarray(setup.data.rows[s])) for s in slots)
        return self.lay.rows(x.to(self.flat.device)), self.lay.rows(y.to(self.flat.device))

    def _batches(self, setup: Setup, whole: Batch) -> Iterator[Batch]:
        """Yield the rows of step after step; the order depends on the seed and the chunk's first member."""
        if setup.plan.order == "full":
            while True:
                yield whole
        from unstuck.trial.batches import numbers

        axis = 0 if self.lay.over == (0, 1) else 1
        seed = int(np.random.SeedSequence([self.work.seed, self.work.first]).generate_state(1)[0])
        for picked in numbers(setup, seed):
            index = torch.from_numpy(picked).to(self.flat.device)
            yield whole[0].index_select(axis, index), whole[1].index_select(axis, index)

    def _forward(self, x: Tensor) -> list[Tensor]:
        """Return what enters the first layer, and what each layer makes."""
        made = [x]
        for (weight, bias), layer in zip(self.views, self.chain.layers, strict=True):
            made.append(activated(layer.activation, self.lay.forward(weight, bias, made[-1])))
        return made

    def _backward(self, made: list[Tensor], targets: Tensor) -> None:
        layers = self.chain.layers
        count = targets.numel()
        at = slope(self.chain.loss, layers[-1].activation, made[-1], targets, count)
        for number in range(len(layers) - 1, -1, -1):
            self.lay.gather(*self.slopes[number], made[number], at, self.gathers)
            if number:
                before = self.lay.back(self.views[number][0], at)
                at = through(layers[number - 1].activation, before, made[number])
