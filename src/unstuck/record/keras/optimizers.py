"""Keras' optimizers in torch's words: their update rule, settings by torch's names, whose weights they hold.

What their rules do otherwise than torch's of the same name is a setting of its own: an epsilon that stands
under the root (``eps_under_root``) or is not corrected for the first steps (``eps_before_correction``), weight
decay apart from the gradient (``decoupled_weight_decay``), a momentum of moves, each made with the rate of
its own step (``rate_in_velocity``).
"""

from __future__ import annotations

import weakref
from typing import Any

from unstuck.record.torch.optimizers import Standin

KINDS = {"SGD": "SGD", "Adam": "Adam", "AdamW": "AdamW", "RMSprop": "RMSprop", "Adagrad": "Adagrad", "Nadam": "NAdam"}  # fmt: skip
"""Keras' names of update rules -> torch's."""

FOLLOWED = frozenset({"SGD", "Adam", "AdamW", "RMSprop", "Adagrad"})


class Optimizers:
    """The stand-ins of the optimizers that were seen, each as long-lived as its optimizer."""

    def __init__(self) -> None:
        self._known: weakref.WeakKeyDictionary[Any, Standin] = weakref.WeakKeyDictionary()

    def of(self, optimizer: Any, variables: list[Any] | None) -> Standin:
        """Return what stands for an optimizer that is about to update these variables, as it is now."""
        known = self._known.get(optimizer)
        if known is None:
            known = self._known[optimizer] = Standin(kind(optimizer), [_settings(optimizer)])
            known.limits = _limits(optimizer)
            known.each = None if optimizer.clipnorm is None else float(optimizer.clipnorm)
        if variables is not None and not known.param_groups[0]["params"]:
            known.param_groups[0]["params"] = [_tensor(one) for one in variables]
        known.param_groups[0]["lr"] = rate(optimizer)
        return known


def kind(optimizer: Any) -> str:
    """Return torch's name of the update rule, or one that says why no rule of torch's is like it."""
    name = type(optimizer).__name__
    own = type(optimizer).__module__.startswith("keras.src.")
    if not own:
        return f"unknown ({name})"
    odd = [
        word
        for word in ("gradient_accumulation_steps", "use_ema", "loss_scale_factor")
        if getattr(optimizer, word, None)
    ]
    known = KINDS.get(name, name)
    return f"{known} with {odd[0]}" if odd and known in FOLLOWED else known


def rate(optimizer: Any) -> float:
    """Return the learning rate of the update to come, which Keras keeps in single precision."""
    return float(f"{float(optimizer._get_current_learning_rate()):.7g}")


def updates(optimizer: Any) -> bool:
    """Whether the gradients to come are used now, and not gathered for a later update."""
    every = optimizer.gradient_accumulation_steps
    return not every or (int(optimizer._iterations) + 1) % every == 0


def _settings(optimizer: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"params": [], "lr": rate(optimizer)}
    if getattr(optimizer, "beta_1", None) is not None:
        found |= {"betas": (float(optimizer.beta_1), float(optimizer.beta_2))}
        found |= {
            "amsgrad": bool(getattr(optimizer, "amsgrad", False)),
            "eps_before_correction": True,
        }
    if getattr(optimizer, "rho", None) is not None:
        found |= {"alpha": float(optimizer.rho), "centered": bool(optimizer.centered)}
    if getattr(optimizer, "epsilon", None) is not None:
        found["eps"] = float(optimizer.epsilon)
        found |= {} if "betas" in found else {"eps_under_root": True}
    if getattr(optimizer, "momentum", None) is not None:
        found |= {"momentum": float(optimizer.momentum), "rate_in_velocity": True}
        found |= {"nesterov": bool(getattr(optimizer, "nesterov", False))}
    if hasattr(optimizer, "initial_accumulator_value"):
        found["initial_accumulator_value"] = float(optimizer.initial_accumulator_value)
    decay = getattr(optimizer, "weight_decay", None)
    if decay:
        found |= {"weight_decay": float(decay), "decoupled_weight_decay": True}
    return found


def _limits(optimizer: Any) -> tuple[float | None, float | None]:
    """Return the norm that gradients are clipped to, all together, and the size of each of their numbers."""
    norm, size = optimizer.global_clipnorm, optimizer.clipvalue
    return None if norm is None else float(norm), None if size is None else float(size)


def _tensor(variable: Any) -> Any:
    value = getattr(variable, "_value", None)
    return variable if value is None else value
