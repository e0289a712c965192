"""Which leaves a tensor was computed from, read off torch's own graph."""

from __future__ import annotations

from typing import Any

from torch import Tensor

MAX_NODES = 50_000
"""Nodes of a graph that are walked at most."""


def reached(loss: Tensor) -> list[Tensor]:
    """Return the leaves that a backward pass from this loss gives gradients to."""
    leaves: dict[int, Tensor] = {}
    seen: set[Any] = set()
    waiting = [loss.grad_fn]
    while waiting and len(seen) < MAX_NODES:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            leaves[id(leaf)] = leaf
        waiting += [following for following, _ in reversed(node.next_functions)]
    return list(leaves.values())
