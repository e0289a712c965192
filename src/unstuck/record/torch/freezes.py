"""Which weights take no gradient, and which lines of the source made it so.

Read off the calls that set ``requires_grad``, and those that switch gradients on and off.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from unstuck.core.recording import Where
from unstuck.record.frames import user_line

_SET = torch.Tensor.requires_grad.__set__  # type: ignore[attr-defined]

Lines = tuple[Where, ...]


class Freezes:
    """Weights that were told to take no gradient, while the tape was on."""

    def __init__(self) -> None:
        self._lines: dict[int, tuple[weakref.ref[Tensor], Lines]] = {}
        self._held: dict[int, weakref.ref[Tensor]] = {}
        self._off: Where | None = None

    def note(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Follow one call of a torch function."""
        name = getattr(function, "__name__", "")
        if name == "_set_grad_enabled":
            self._switched(bool(args[0]))
        elif (function == _SET or name == "requires_grad_") and args:
            self._set(
                args[0], bool(args[1] if len(args) > 1 else kwargs.get("requires_grad", True))
            )

    def _switched(self, on: bool) -> None:
        if on:
            self._off = None
        elif self._off is None:  # the outermost block counts
            self._off = user_line()

    def _set(self, tensor: Tensor, on: bool) -> None:
        where, before = user_line(), self.lines(tensor)
        if on or where is None:
            self._lines.pop(id(tensor), None)
        elif where not in before:
            self._lines[id(tensor)] = weakref.ref(tensor), (*before, where)

    def lines(self, tensor: Tensor) -> Lines:
        """Return the lines that froze this tensor, in order; empty where none was seen."""
        known = self._lines.get(id(tensor))
        return known[1] if known is not None and known[0]() is tensor else ()

    def off(self) -> Where | None:
        """Return the line that switched gradients off, None where they are on."""
        return None if torch.is_grad_enabled() else self._off or user_line()

    def hold(self, tensors: Iterable[Tensor]) -> set[int]:
        """Note what an optimizer was given, weights with or without a gradient; return their ids."""
        held = list(tensors)
        for tensor in held:
            if not tensor.requires_grad and not isinstance(tensor, nn.Parameter):
                self._held[id(tensor)] = weakref.ref(tensor)
        return set(map(id, held))

    def is_weight(self, tensor: Tensor) -> bool:
        """Whether a tensor is meant to be trained, whether or not it takes gradients."""
        held = self._held.get(id(tensor))
        return isinstance(tensor, nn.Parameter) or (held is not None and held() is tensor)
