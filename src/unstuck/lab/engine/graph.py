"""The engine for whatever is no plain chain: the flat graph of the trials, for any Setup that they follow."""

from __future__ import annotations

import numpy as np

from unstuck.lab.engine.chunk import Array, Work


def train(work: Work) -> tuple[Array, Array]:
    """Return final judged losses (count,) and hits (count,); raises Untrainable or Unreplayable.

    Its members draw by the trials' own generators, seeded by the chunk's first member and their place in it.
    """
    from unstuck.trial.ensemble import Course, train

    seed = int(np.random.SeedSequence([work.seed, work.first]).generate_state(1)[0])
    made = train(work.setup, Course(work.goal, work.count, seed=seed, all_steps=True))
    losses = made.losses.numpy().astype(np.float32)
    met = losses <= work.goal
    hits = made.hits.numpy().astype(np.int32)
    return losses, np.where(met, np.where(hits < 0, made.steps, hits), -1).astype(np.int32)
