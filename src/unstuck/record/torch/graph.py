"""Which leaves a tensor was computed from, read off torch's own graph."""

from __future__ import annotations

import threading
from typing import Any

import torch
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


_function_modes = torch._C._len_torch_function_stack
_dispatch_modes = torch._C._len_torch_dispatch_stack
_thread = threading.get_ident


def undisturbed(loss: Any, thread: int) -> bool:
    """Whether reading this loss here is cheap and disturbs nobody; thread: the one that is watched."""
    return (
        type(loss) is Tensor
        and not _function_modes()
        and not _dispatch_modes()
        and _thread() == thread
        and loss.numel() == 1
        and not loss.is_cuda
    )
