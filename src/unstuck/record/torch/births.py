"""How each tensor got its starting value: the fills and scalings seen while it was made.

Followed by storage: creation starts a list of draws, in-place fills replace it, arithmetic with a
number extends it, and whatever is not understood ends it.
"""

from __future__ import annotations

import math
import sys
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from unstuck.core.recording import Where
from unstuck.core.setup import Draw
from unstuck.record.frames import user_line

Draws = tuple[Draw, ...]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _fill(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Draws | None:
    """Return the draws of an in-place fill or a creation, None if it is neither."""

    def take(position: int, keyword: str, default: float) -> float:
        value = args[position] if len(args) > position else kwargs.get(keyword, default)
        number = _number(value)
        if number is None:
            raise LookupError(keyword)
        return number

    match name:
        case "uniform_":
            low, high = ("a", "b") if "a" in kwargs or "b" in kwargs else ("from", "to")
            return (Draw("uniform", (take(1, low, 0.0), take(2, high, 1.0))),)
        case "normal_" | "trunc_normal_":
            return (Draw("normal", (take(1, "mean", 0.0), take(2, "std", 1.0))),)
        case "fill_" | "constant_":
            key = "val" if name == "constant_" else "value"
            return (Draw("constant", (take(1, key, 0.0),)),)
        case "zero_" | "zeros_" | "zeros" | "zeros_like":
            return (Draw("constant", (0.0,)),)
        case "ones_" | "ones" | "ones_like":
            return (Draw("constant", (1.0,)),)
        case "full" | "full_like":
            return (Draw("constant", (take(1, "fill_value", 0.0),)),)
        case "randn" | "randn_like":
            return (Draw("normal", (0.0, 1.0)),)
        case "rand" | "rand_like":
            return (Draw("uniform", (0.0, 1.0)),)
        case "normal" if "size" in kwargs or len(args) > 2:
            return (Draw("normal", (take(0, "mean", 0.0), take(1, "std", 1.0))),)
        case "kaiming_uniform_" | "kaiming_normal_":
            return _kaiming(name, args, kwargs)
        case "xavier_uniform_" | "xavier_normal_":
            return (Draw(name.rstrip("_"), (take(1, "gain", 1.0),)),)
        case "orthogonal_":
            return (Draw("orthogonal", (take(1, "gain", 1.0),)),)
        case "empty" | "empty_like" | "new_empty":
            return ()
    return None


def _kaiming(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Draws:
    tensor = args[0] if args else kwargs["tensor"]
    named = dict(zip(("tensor", "a", "mode", "nonlinearity"), args, strict=False)) | kwargs
    slope, mode = named.get("a", 0), named.get("mode", "fan_in")
    gain = torch.nn.init.calculate_gain(named.get("nonlinearity", "leaky_relu"), slope)
    receptive = math.prod(tensor.shape[2:])
    fan = tensor.shape[1 if mode == "fan_in" else 0] * receptive
    if name == "kaiming_uniform_":
        return (Draw("fan_uniform", (gain * math.sqrt(3.0),), fan),)
    return (Draw("fan_normal", (gain,), fan),)


_RECIPES = {
    name: getattr(torch.nn.init, name).__code__
    for name in ("xavier_uniform_", "xavier_normal_", "kaiming_normal_", "orthogonal_")
}
"""Initialisers that torch does not show to function modes, only what they are made of."""


def _recipe(tensor: Tensor) -> Draws | None:
    """Return the draws of the initialiser on the stack that is filling this tensor, if there is one."""
    frame = sys._getframe(1)
    for _ in range(8):  # this module, the tape, and at most two functions of torch.nn.init
        if frame is None:
            return None
        name = frame.f_code.co_name
        if _RECIPES.get(name) is frame.f_code and frame.f_locals.get("tensor") is tensor:
            values = frame.f_locals
            if name == "kaiming_normal_":
                return (Draw("fan_normal", (float(values["gain"]),), int(values["fan"])),)
            return (Draw(name.rstrip("_"), (float(values["gain"]),)),)
        frame = frame.f_back  # type: ignore[assignment]
    return None


_SCALE = {"mul", "__mul__", "__rmul__", "multiply", "mul_", "__imul__"}
_DIVIDE = {"div", "__truediv__", "true_divide", "divide", "div_", "__itruediv__"}
_SHIFT = {"add", "__add__", "__radd__", "add_", "__iadd__"}
_UNSHIFT = {"sub", "__sub__", "sub_", "__isub__"}
_NEGATE = {"neg", "__neg__", "negative", "neg_"}
_SAME = {
    "requires_grad_",
    "detach",
    "float",
    "double",
    "to",
    "clone",
    "contiguous",
    "cpu",
    "detach_",
    "bfloat16",
    "half",
    "type",
    "cuda",
}


def _arithmetic(name: str, args: tuple[Any, ...]) -> Draws | None:
    """Return the draws that arithmetic with one number adds, None if it is none."""
    if name in _NEGATE and len(args) == 1:
        return (Draw("scale", (-1.0,)),)
    if len(args) != 2:
        return None
    left = isinstance(args[0], Tensor)
    number = _number(args[1] if left else args[0])
    if number is None:
        return None
    if name in _SCALE:
        return (Draw("scale", (number,)),)
    if name in _SHIFT:
        return (Draw("shift", (number,)),)
    if name in _DIVIDE and number and left:
        return (Draw("scale", (1.0 / number,)),)
    if name in _UNSHIFT and left:
        return (Draw("shift", (-number,)),)
    if name in {"rsub", "__rsub__"} and left:  # number - tensor
        return (Draw("scale", (-1.0,)), Draw("shift", (number,)))
    return None


class Births:
    """Draws by storage, for tensors made while the tape was on."""

    def __init__(self) -> None:
        self._draws: dict[int, Draws | None] = {}  # None: made or changed in a way not understood
        self._lines: dict[int, Where] = {}
        self._fills: dict[int, tuple[Where, ...]] = {}
        self._made: dict[int, weakref.ref[Tensor]] = {}

    def note(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], out: Any
    ) -> None:
        """Follow one call of a torch function."""
        name = getattr(function, "__name__", "")
        target = out if isinstance(out, Tensor) else None
        if torch._C._functorch.peek_interpreter_stack() is not None:  # no storage of its own
            return
        changes = _in_place(name)
        if target is None and changes and args and isinstance(args[0], Tensor):
            target = args[0]
        if target is None or name in {"__get__", "__set__"}:
            return
        place = _storage(target)
        if place is None:
            return
        given = (*args, *kwargs.values())  # torch.nn.init names its tensor
        source = next((arg for arg in given if isinstance(arg, Tensor)), None)
        draws = self._drawn(name, args, kwargs, target, source)
        same = source is not None and _storage(source) == place
        if draws is not None:
            self._draws[place] = draws
            self._made[place] = weakref.ref(target)
            self._locate(name, place, source, same=same)
        elif (changes and name not in _SAME) or not same:
            self._draws[place] = None

    def told(self, tensor: Tensor, draws: Draws | None) -> None:
        """Take it from who filled a tensor how it was drawn; None: not as its operations show."""
        place = _storage(tensor)
        if place is not None and draws is not None:
            self._draws[place] = draws
            self._made[place] = weakref.ref(tensor)

    def _locate(self, name: str, place: int, source: Tensor | None, *, same: bool) -> None:
        """Note the line of the user's source that made or filled the tensor at this place."""
        before = _storage(source) if source is not None and name in _SAME else None
        where = user_line()
        if before is not None and before in self._lines:  # another form of the same values
            self._lines[place] = self._lines[before]
            self._fills[place] = self._fills.get(before, ())
        elif same and _in_place(name) and place in self._lines:
            earlier = self._fills.get(place, ())
            if where is not None and where not in (self._lines[place], *earlier):
                self._fills[place] = (*earlier, where)
        elif where is not None and not same:
            self._lines[place] = where
            self._fills.pop(place, None)

    def _drawn(
        self,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        target: Tensor,
        source: Tensor | None,
    ) -> Draws | None:
        """Return how the target is drawn by now, None where that is not understood."""
        if _in_place(name) and target.untyped_storage().nbytes() > target.nbytes:
            return None  # a part of it was changed
        if name in {"uniform_", "normal_", "mul_"} and (recipe := _recipe(target)):
            return recipe
        try:
            draws = _fill(name, args, kwargs)
        except (LookupError, ValueError, TypeError):
            draws = None
        if draws is not None or source is None:
            return draws
        if name == "copy_" and len(args) > 1 and isinstance(args[1], Tensor):
            known = args[1].numel() == target.numel()
            return self._known(args[1]) if known else None
        before = self._known(source)
        if before is None:
            return None
        move = _arithmetic(name, args)
        return (*before, *move) if move else before if name in _SAME else None

    def keep(self, tensors: Iterable[Tensor]) -> None:
        """Forget all but these tensors and those that still live: memory is used again for others."""
        for tensor in tensors:
            place = _storage(tensor)
            if place is not None:
                self._made[place] = weakref.ref(tensor)
        living = {
            p for p, made in self._made.items() if (t := made()) is not None and _storage(t) == p
        }
        self._draws = {place: draws for place, draws in self._draws.items() if place in living}
        self._lines = {place: where for place, where in self._lines.items() if place in living}
        self._fills = {place: lines for place, lines in self._fills.items() if place in living}
        self._made = {place: made for place, made in self._made.items() if place in living}

    def line(self, tensor: Tensor) -> Where | None:
        """Return the line where this tensor was made, None where that was not seen."""
        place = _storage(tensor)
        return None if place is None else self._lines.get(place)

    def fills(self, tensor: Tensor) -> tuple[Where, ...]:
        """Return the lines that filled this tensor again after it was made."""
        place = _storage(tensor)
        return () if place is None else self._fills.get(place, ())

    def of(self, tensor: Tensor) -> Draws | None:
        """Return how this tensor was drawn, None where that was not seen or not understood."""
        return self._known(tensor) or None

    def unknown(self, tensor: Tensor) -> bool:
        """Whether it was seen that this tensor is drawn in a way that is not understood."""
        place = _storage(tensor)
        return place is not None and self._draws.get(place, ()) is None

    def _known(self, tensor: Tensor) -> Draws | None:
        place = _storage(tensor)
        return None if place is None else self._draws.get(place)


def _in_place(name: str) -> bool:
    """Whether a function of this name overwrites its first argument."""
    if name.endswith("__"):
        return name in _AUGMENTED
    return name.endswith("_")


_AUGMENTED = {"__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__",
              "__imod__", "__ipow__", "__iand__", "__ior__", "__ixor__"}  # fmt: skip


def _storage(tensor: Tensor) -> int | None:
    """Return where a tensor's values lie, None where they lie nowhere (meta, sparse, empty ...)."""
    try:
        return tensor.untyped_storage().data_ptr() or None
    except (NotImplementedError, RuntimeError):
        return None


def fitted(tensor: Tensor) -> Draws:
    """Return draws that resemble a tensor whose making was not seen: a normal of its mean and spread."""
    values = tensor.detach().double()
    if values.numel() < 2 or float(values.std()) == 0.0:
        return (Draw("constant", (float(values.mean()),)),)
    return (Draw("normal", (float(values.mean()), float(values.std()))),)
