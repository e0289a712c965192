"""Operations on weights through which no gradient comes back: which are kept, and how they are written.

A value may lose its gradient by ``detach()`` or ``.data``, by being made under ``no_grad``, or on a way
through numpy or a list; or the weights that it is made of never took one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unstuck.core.recording import Where
from unstuck.record.frames import user_line
from unstuck.record.torch.taped import Taped, read_by, swapped

MAX_STILLS = 4096
"""Such operations that are kept; an evaluation in the middle of a step may run more of them."""

MAX_COPIES = 16
"""Tensors that were turned into numpy or lists lately, among which the source of a new one is looked for."""

LARGEST_COPY = 1_000_000
"""Numbers of a tensor beyond which it is not looked for among them."""

_DATA = torch.Tensor.data.__get__  # type: ignore[attr-defined]
_LOOKS = frozenset(
    {_DATA, torch.Tensor.T.__get__, torch.Tensor.mT.__get__}  # type: ignore[attr-defined]
)
_CUTS = frozenset(
    {_DATA, torch.Tensor.detach, torch.Tensor.detach_, torch.tensor, torch.as_tensor, torch.asarray}
)
"""What does nothing but take the gradient away, if given a tensor."""

_OPERATORS = frozenset(
    f"__{mark}{name}__"
    for mark in ("", "r", "i")
    for name in ("add", "sub", "mul", "truediv", "div", "pow", "matmul")
) | {"__getitem__", "__neg__", "__abs__"}
"""Operators of Python that compute."""

_OUT = frozenset({"numpy", "tolist"})


def stays(
    function: Any, args: tuple[Any, ...], out: Any, is_still: Callable[[Tensor], bool]
) -> bool:
    """Whether the result of an operation on weights is a value of the network: new, real, no weight.

    is_still: whether a tensor is such a value already, which may be overwritten.
    """
    name = getattr(function, "__name__", "")
    if name.startswith("__") and name not in _OPERATORS and function not in _LOOKS:
        return False
    parts = list(out) if isinstance(out, list | tuple) else [out]
    if not parts or not all(isinstance(part, Tensor) for part in parts):
        return False
    if any(part.requires_grad or isinstance(part, nn.Parameter) for part in parts):
        return False
    over = [part for part in parts if any(part is arg for arg in args)]
    if any(part._base is not None or not is_still(part) for part in over) and name != "detach_":
        return False
    return all(part.is_floating_point() and part.numel() for part in parts)


class Copies:
    """Tensors that left torch, so that a tensor made of the same numbers is known to come from them."""

    def __init__(self) -> None:
        self._left: list[tuple[Tensor, Where | None]] = []

    def clear(self) -> None:
        """Forget all of them."""
        self._left.clear()

    def note(
        self, function: Any, args: tuple[Any, ...], slot: Callable[[Tensor], int | None]
    ) -> None:
        """Follow one call of a torch function; slot: of a tensor that is known."""
        first = args[0] if args else None
        if getattr(function, "__name__", "") not in _OUT or not isinstance(first, Tensor):
            return
        if slot(first) is not None and 1 < first.numel() <= LARGEST_COPY:
            del self._left[: -MAX_COPIES + 1]
            self._left.append((first, user_line()))

    def source(self, tensor: Tensor) -> tuple[Tensor, Where | None] | None:
        """Return the tensor whose numbers a new one was made of, and the line where it left torch.

        None where the numbers are others.
        """
        if not self._left or tensor.requires_grad or not tensor.is_floating_point():
            return None
        return next((one for one in reversed(self._left) if _same(one[0], tensor)), None)


def _same(one: Tensor, out: Tensor) -> bool:
    return one.shape == out.shape and one.dtype == out.dtype and torch.equal(one.cpu(), out.cpu())


def marked(ops: list[Taped], fresh: int) -> list[Taped]:
    """Write a ``detach`` wherever a gradient stops: for what cuts it, and where it was switched off.

    fresh: the first slot that is not in use yet.
    """
    made = {slot: op for op in ops for slot in op.outs}
    found: list[Taped] = []
    instead: dict[int, int] = {}
    for op in ops:
        if op.function in _CUTS:
            op = dataclasses.replace(op, function=torch.Tensor.detach, args=op.args[:1], kwargs={})
        for slot in dict.fromkeys(() if op.off else read_by(op)):
            if slot in made and made[slot].off and slot not in instead:
                found.append(_mark(made[slot], slot, fresh))
                instead[slot], fresh = fresh, fresh + 1
            if slot in instead:
                op = swapped(op, slot, instead[slot])
        found.append(op)
    return found


def _mark(made: Taped, slot: int, fresh: int) -> Taped:
    """Return the operation that stops the gradient behind one that ran without."""
    shape = made.shapes[made.outs.index(slot)]
    off = made.off
    return dataclasses.replace(
        made,
        function=torch.Tensor.detach,
        args=({"slot": slot},),
        kwargs={},
        outs=(fresh,),
        shapes=(shape,),
        file=off.file if off else made.file,
        line=off.line if off else made.line,
        off=None,
    )
