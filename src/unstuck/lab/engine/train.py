"""What a worker does: train one chunk, on one thread, by the engine that it is for."""

from __future__ import annotations

import time

from unstuck.lab.engine.chunk import Array, Outcome, Work


def train(work: Work) -> Outcome:
    """Train a chunk; raises whatever its engine raises."""
    import torch

    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    began = time.process_time()
    losses, hits = _trained(work)
    return Outcome(work.key, losses, hits, time.process_time() - began)


def _trained(work: Work) -> tuple[Array, Array]:
    from unstuck.lab.engine.chain import chain

    found = chain(work.setup) if work.engine != "graph" else None
    if found is None:
        from unstuck.lab.engine import graph

        return graph.train(work)
    if work.engine == "jax":
        from unstuck.lab.engine import jaxed

        if jaxed.follows(work, found):
            return jaxed.train(work, found)
    from unstuck.lab.engine import stacked

    return stacked.train(work, found)
