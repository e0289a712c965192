"""The operations of one step, as torch functions with their operands.

A torch function mode that is switched on for a few steps only. It lies at the bottom of torch's
stack of modes, so that modes of the user's own nest above it as they do without us.
"""

from __future__ import annotations

import collections
import ctypes
import dataclasses
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from types import FrameType, FunctionType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, handle_torch_function

from unstuck.core.recording import Where
from unstuck.core.setup import Json
from unstuck.record.frames import user_line
from unstuck.record.seams import HIDDEN, Lent, hidden, without_ours
from unstuck.record.torch.births import Births
from unstuck.record.torch.casts import Casts
from unstuck.record.torch.freezes import Freezes
from unstuck.record.torch.stills import MAX_STILLS, Copies, stays
from unstuck.record.torch.taped import Taped

MAX_OPS = 20_000
"""Operations kept of one step; a longer step is not followed."""


@dataclasses.dataclass(slots=True)
class Fetched:
    """A tensor that was cut out of a larger one: rows = source[index]."""

    rows: weakref.ref[Tensor]
    source: weakref.ref[Tensor]
    index: Any


COMPARISONS = frozenset({torch.eq, torch.ne})
"""Functions that compare; torch's methods that do are watched by themselves."""

_LOOKING = frozenset({"__get__", "__getitem__", "requires_grad_"})
"""Names that end as in-place operations do, and change no number."""

_SWITCH = torch.Tensor.requires_grad.__set__  # type: ignore[attr-defined]

_ASKING = frozenset({"tensor", "as_tensor", "asarray", "requires_grad_"})
"""Functions by which a loss is made anew."""

_READ = {torch.float32: ctypes.c_float, torch.float64: ctypes.c_double}

MAX_NUMBERS = 16
"""Single numbers that were computed lately, among which the source of a loss made anew is looked for."""


class Unencodable(TypeError):
    """An argument that plain data cannot hold."""


class Tape(TorchFunctionMode):
    """Notes operations while it is on; `ops` since the last `rewind`."""

    def __init__(
        self,
        births: Births,
        running: Callable[..., tuple[str, Where | None]],
        trouble: Callable[[str], None],
    ):
        super().__init__()
        self.births = births
        self.casts = Casts()
        self.freezes = Freezes()
        self.ops: list[Taped] = []
        self.leaves: dict[int, Tensor] = {}
        self.fetched: list[Fetched] = []
        self.compared: Callable[[tuple[Any, ...]], None] = lambda _: None
        self.rows: list[Tensor] | None = (
            None  # what a batch holds, where changes of it are followed
        )
        self.predicted: int | None = None  # the slot that the loss was given, where that was told
        self.on = False
        self.overflow = False
        self._running = running
        self._trouble = trouble
        self._lent = Lent()
        self._slots: dict[int, tuple[weakref.ref[Tensor], int]] = {}
        self._stills: set[int] = set()
        self._masks: set[int] = set()
        self._copies = Copies()
        self._numbers: collections.deque[tuple[int, float]] = collections.deque(maxlen=MAX_NUMBERS)
        self._anew: Where | None = None
        self._next = 0
        self._thread = threading.get_ident()
        self._inside = 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run the function as without us, then note it."""
        kwargs = kwargs or {}
        self._inside += 1
        twins: list[FunctionType] = []
        try:
            twins = self._lent.twins(_callers(sys._getframe(1), func))
        except Exception as error:
            self._trouble(f"tape: {type(error).__name__}: {error}")
        try:
            out = self._lent.call(twins, func, args, kwargs)
        except BaseException as error:
            error.__traceback__ = without_ours(error.__traceback__, self._lent.codes)
            raise
        finally:
            self._inside -= 1
        if torch._C._get_tracing_state() is None:  # else our own reading would be traced
            try:
                with torch._C.DisableTorchFunction():
                    self._note(func, args, kwargs, out)
            except Exception as error:
                self._trouble(f"tape: {type(error).__name__}: {error}")
        return out

    def _note(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
        if args and out is args[0] and getattr(func, "__name__", "") == "to":
            return  # nothing was moved
        made = [part for part in tensors_in(out) if _derived(part)]
        if made:
            if len(self.ops) >= MAX_OPS:
                self.overflow = True
                self.rewind()
            self.add(func, args, kwargs, out)
            return
        name = getattr(func, "__name__", "")
        if func in COMPARISONS:
            self.compared(args)
        if self._masks_from(args, kwargs, out):
            self._masks.update(self.add(func, args, kwargs, out))
            return
        self.births.note(func, args, kwargs, out)
        if name in _ASKING and isinstance(out, Tensor) and not isinstance(out, nn.Parameter):
            self._anew = user_line()
        self.casts.note(name, args, out)
        self._fetch(name, args, kwargs, out)
        self.freezes.note(func, args, kwargs)
        self._still(func, args, kwargs, out)

    def _masks_from(self, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> bool:
        """Whether an operation makes of what the network computes a choice, without a gradient by nature.

        Such as ``error.abs() < 1``, the place of a maximum, and what is computed from choices alone.
        """
        made = list(tensors_in(out))
        if not made or not torch.is_grad_enabled():
            return False
        read = list(tensors_in([*args, *kwargs.values()]))
        if any(part is tensor for part in made for tensor in read):
            return False
        if any(self.slot(tensor) in self._masks for tensor in read):
            return True
        chosen = not any(part.is_floating_point() for part in made)
        return chosen and any(tensor.requires_grad for tensor in read)

    def _still(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
        """Keep what is computed from weights although no gradient gets back to them through it."""
        self._copies.note(func, args, self.slot)
        if not any(self._weighs(tensor) for tensor in tensors_in([*args, *kwargs.values()])):
            self._changed(func, args)
            return
        if not stays(func, args, out, lambda tensor: self.slot(tensor) in self._stills):
            self._changed(func, args)
            return
        if len(self._stills) >= MAX_STILLS:
            self.ops = [op for op in self.ops if not op.still]
            known = self._slots.items()
            self._slots = {key: one for key, one in known if one[1] not in self._stills}
            self._stills.clear()
            return
        self.add(func, args, kwargs, out, still=True)

    def _changed(self, func: Any, args: tuple[Any, ...]) -> None:
        """Take a value that was overwritten in a way that is not followed for data."""
        name, first = getattr(func, "__name__", ""), args[0] if args else None
        changes = name.endswith("_") and name not in _LOOKING and func != _SWITCH
        if changes and isinstance(first, Tensor) and self.slot(first) in self._stills | self._masks:
            self._slots.pop(id(first), None)

    def _weighs(self, tensor: Tensor) -> bool:
        """Whether a tensor is a weight or a row that is followed, or was computed from one."""
        made = self.slot(tensor)
        if made is None:
            made = self._returned(tensor)
        if self.rows is not None and any(tensor is one for one in self.rows):
            return True
        return tensor.requires_grad or made in self._stills or self.freezes.is_weight(tensor)

    def _returned(self, tensor: Tensor) -> int | None:
        """Return the slot of a tensor that came back from numpy or a list, noting that it did."""
        found = self._copies.source(tensor)
        if found is None:
            return None
        source, where = found
        self.add(torch.Tensor.detach, (source,), {}, tensor, still=True)
        if where is not None:
            self.ops[-1].file, self.ops[-1].line = where.file, where.line
        return self.slot(tensor)

    def add(
        self,
        func: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        out: Any,
        *,
        still: bool = False,
    ) -> tuple[int, ...]:
        """Put one operation on the tape; return the slots of what it made."""
        where = user_line()
        if getattr(func, "__name__", "") == "contiguous":  # how it lies in memory is no number
            args, kwargs = args[:1], {}
        encoded = tuple(self._encode(arg) for arg in args)
        named = {key: self._encode(value) for key, value in kwargs.items()}
        outs = tuple(self._fresh(part) for part in tensors_in(out))
        shapes = tuple(tuple(part.shape) for part in tensors_in(out))
        file, line = (where.file, where.line) if where else ("", 0)
        module, called = self._running(sys._getframe(3), still=still)
        taped = Taped(func, encoded, named, outs, shapes, module, file, line, still)
        if still:
            self._stills.update(outs)
            taped.off, taped.called = self.freezes.off(), called
        self.ops.append(taped)
        number = _number(out)
        if number is not None:
            self._numbers.append((outs[0], number))
            self._anew = None
        return outs

    def remade(self, loss: Tensor) -> int | None:
        """Return the slot of a loss that was made of the bare number of one, noting that it was."""
        value, where = _number(loss), self._anew
        source = next((slot for slot, one in reversed(self._numbers) if one == value), None)
        if source is None or source in self._stills:
            return source
        file, line = (where.file, where.line) if where else ("", 0)
        out = self._fresh(loss)
        encoded: tuple[Json, ...] = ({"slot": source},)
        cut = Taped(torch.Tensor.detach, encoded, {}, (out,), ((),), "", file, line, still=True)
        self.ops.append(cut)
        return out

    def _fetch(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
        """Note what was cut out of a larger tensor, along its rows."""
        source = args[0] if args else None
        if not isinstance(source, Tensor) or not source.dim() or source.requires_grad:
            return
        if name in {"__getitem__", "index_select", "narrow"} and isinstance(out, Tensor):
            cuts = [(out, args[-1] if name == "__getitem__" else kwargs.get("index", args[-1]))]
        elif (
            name in {"split", "chunk", "tensor_split"}
            and not kwargs.get("dim", 0)
            and len(args) < 3
        ):
            cuts = [(part, slice(None)) for part in tensors_in(out)]
        else:
            return
        del self.fetched[:-256]
        self.fetched += [Fetched(weakref.ref(p), weakref.ref(source), index) for p, index in cuts]

    def slot(self, tensor: Tensor) -> int | None:
        """Return the slot of a tensor that the tape knows, None otherwise."""
        known = self._slots.get(id(tensor))
        return known[1] if known and known[0]() is tensor else None

    def still(self, slot: int) -> bool:
        """Whether no gradient of a weight gets through what is in this slot."""
        return slot in self._stills

    @property
    def next_slot(self) -> int:
        """A slot that is not in use yet."""
        return self._next

    def _fresh(self, tensor: Tensor) -> int:
        slot, self._next = self._next, self._next + 1
        self._slots[id(tensor)] = (weakref.ref(tensor), slot)
        return slot

    def _operand(self, tensor: Tensor) -> int:
        slot = self.slot(tensor)
        if slot is None:
            slot = self._returned(tensor)
        if slot is None:
            slot = self._fresh(tensor)
            self.leaves[slot] = tensor
        elif slot in self._stills:  # data to whoever looks at gradients only
            self.leaves[slot] = tensor
        return slot

    def _encode(self, value: Any) -> Json:
        """Turn an argument into plain data (see `core.setup`)."""
        if isinstance(value, Tensor):
            return {"slot": self._operand(value)}
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            finite = value == value and abs(value) != float("inf")
            return value if finite else {"float": repr(value)}
        if isinstance(value, torch.dtype):
            return {"dtype": str(value).removeprefix("torch.")}
        if isinstance(value, torch.device):
            return {"device": str(value)}
        if isinstance(value, slice):
            return {"slice": [self._encode(p) for p in (value.start, value.stop, value.step)]}
        if value is Ellipsis:
            return {"ellipsis": True}
        if isinstance(value, list | range):
            return {"list": [self._encode(part) for part in value]}
        if isinstance(value, tuple):
            return {"tuple": [self._encode(part) for part in value]}
        if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
            return self._encode(value.item())
        return {"unencodable": type(value).__name__}

    def rewind(self) -> None:
        """Forget the operations and every tensor that was held."""
        self.ops, self.leaves, self.fetched, self._slots = [], {}, [], {}
        self._stills.clear()
        self._masks.clear()
        self._copies.clear()
        self._numbers.clear()
        self._anew = self.predicted = None

    def switch(self, on: bool) -> None:
        """Put the tape at the bottom of torch's stack of modes, or take it away from there."""
        if on == self.on or self._inside:  # torch puts a mode back that it runs
            return
        if threading.get_ident() != self._thread:  # each thread has a stack of its own
            return
        above = []
        while torch._C._len_torch_function_stack():
            mode = torch._C._pop_torch_function_stack()
            if mode is not self:
                above.append(mode)
        if on:
            torch._C._push_on_torch_function_stack(self)
        for mode in reversed(above):
            torch._C._push_on_torch_function_stack(mode)
        self.on = on


hidden(Tape.__torch_function__)

_HANDLE = handle_torch_function.__code__

DEEPEST = 5
"""Frames up to which torch's own functions look for the line that they warn about (`nn.Softmax`)."""


def _callers(frame: FrameType, function: Any) -> list[FrameType]:
    """Return the frames that called a torch function, the nearest first: as many as it may look at.

    A function that is written in Python is on the stack twice, once for asking the mode.
    """
    inner = getattr(function, "__wrapped__", None)
    own = (_HANDLE, getattr(function, "__code__", None), getattr(inner, "__code__", None))
    nearest: FrameType | None = frame
    while nearest is not None:
        code = nearest.f_code
        if code not in own and code.co_filename != HIDDEN:
            break
        nearest = nearest.f_back
    found: list[FrameType] = []
    while nearest is not None and len(found) < (DEEPEST if type(function) is FunctionType else 1):
        found.append(nearest)
        nearest = nearest.f_back
    return found


def _number(value: Any) -> float | None:
    """Return the one number of a tensor, read where it lies: torch is not asked, whose modes would see it."""
    if type(value) is not Tensor or value.numel() != 1 or value.dtype not in _READ:
        return None
    if value.device.type != "cpu" or torch._C._functorch.is_functorch_wrapped_tensor(value):
        return None
    place = value.data_ptr()
    return float(_READ[value.dtype].from_address(place).value) if place else None


def _derived(tensor: Tensor) -> bool:
    """Whether gradients flow through this tensor to others."""
    try:
        return tensor.requires_grad and not tensor.is_leaf
    except RuntimeError:  # a view, made without gradients, of what has been overwritten since
        return False


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors of a result: itself, or those in its lists and tuples."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from tensors_in(inner)
