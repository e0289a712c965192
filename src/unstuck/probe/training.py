"""The recorded training, run again step by step from its recorded start, in plain torch.

Batches that were not recorded are drawn as the plan says, so that later steps are those of a training
like the recorded one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unstuck.core.setup import Setup
from unstuck.replay import tensors
from unstuck.replay.interpret import Values

RULES = {
    name: getattr(torch.optim, name) for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad")
}
"""Update rules that are followed."""

PLACES = frozenset({"foreach", "fused", "capturable", "differentiable", "name", "initial_lr"})
"""Settings that change how an update is computed, and not what it does."""


OTHERS = frozenset(
    {"eps_before_correction", "eps_under_root", "decoupled_weight_decay", "rate_in_velocity"}
)
"""Settings of Keras' and scikit-learn's rules, which differ from torch's by less than matters to where a training breaks."""


class Training:
    """Weights with their optimizer; gradients are added to `weights` by whoever differentiates.

    weights: slot -> leaf. Raises ValueError where the update rule is not one that can be followed.
    """

    def __init__(self, setup: Setup) -> None:
        if setup.optimizer.kind not in RULES:
            raise ValueError(
                f"the update rule {setup.optimizer.kind} is not one that can be followed"
            )
        self.setup = setup
        frozen = {parameter.slot for parameter in setup.parameters if parameter.frozen}
        self.weights: Values = {
            slot: weight.clone().requires_grad_(slot not in frozen)
            for slot, weight in tensors.weights(setup).items()
        }
        self.made = 0
        self._schedule, self._factor = dict(setup.optimizer.schedule), 1.0
        self._optimizer = self._built()

    def _built(self) -> torch.optim.Optimizer:
        groups = []
        for number, settings in enumerate(self.setup.optimizer.groups):
            held = [self.weights[p.slot] for p in self.setup.parameters if p.group == number]
            kept: dict[str, Any] = {
                k: _torch(v) for k, v in settings.items() if k not in PLACES | OTHERS
            }
            groups.append({**kept, "params": held})
        built: torch.optim.Optimizer = RULES[self.setup.optimizer.kind](groups, lr=0.0)
        return built

    def clear(self) -> None:
        """Clear the gradients where the loop does so before it differentiates."""
        if self.setup.loop.clears == "before":
            self._optimizer.zero_grad()

    def update(self) -> None:
        """Make the update that the loop makes of these gradients."""
        loop, leaves = self.setup.loop, list(self.weights.values())
        if loop.clears == "between":
            self._optimizer.zero_grad(set_to_none=not loop.zeros)
        if loop.clip_value is not None:
            torch.nn.utils.clip_grad_value_(leaves, loop.clip_value)
        if loop.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(leaves, loop.clip_norm)
        if loop.clip_each is not None:
            for leaf in leaves:
                torch.nn.utils.clip_grad_norm_([leaf], loop.clip_each)
        if loop.recreated and self.made % loop.recreated_every == 0:
            self._optimizer = self._built()
        self._factor = self._schedule.get(self.made, self._factor)
        for group, settings in zip(
            self._optimizer.param_groups, self.setup.optimizer.groups, strict=True
        ):
            group["lr"] = float(settings["lr"]) * self._factor
        self._optimizer.step()
        self.made += 1


def _torch(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def batches(setup: Setup, seed: int = 0) -> Iterator[dict[int, Tensor]]:
    """Yield the rows of one backward pass after another: slot -> (batch, …)."""
    whole = tensors.rows(setup)
    while setup.plan.order == "full":
        yield whole
    for index in _numbers(setup, seed):
        yield {slot: part[torch.from_numpy(index)] for slot, part in whole.items()}


def _numbers(setup: Setup, seed: int) -> Iterator[np.ndarray[Any, np.dtype[np.int64]]]:
    plan, count = setup.plan, setup.data.count
    yield from (np.asarray(first, np.int64) for first in plan.first)
    random, size = np.random.default_rng(seed), min(plan.batch, count)
    while plan.order == "fresh":
        yield random.integers(0, count, size)
    while True:
        order = np.arange(count) if plan.order == "sequence" else random.permutation(count)
        for begin in range(0, count - size + 1, size):
            yield order[begin : begin + size]
