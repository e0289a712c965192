"""Which rows the steps saw: the training set behind the batches, and the order in which it came.

Batches are matched with what they were cut from (an indexed tensor, a DataLoader's dataset) by
comparing contents; where nothing matches, the batches that were seen are all that is known.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import SequentialSampler, Subset, TensorDataset

from unstuck.core.recording import Where
from unstuck.core.setup import Data, Plan
from unstuck.record.frames import asked_line
from unstuck.record.torch.tape import Fetched, tensors_in

MAX_BYTES = 64 * 2**20
"""Bytes of rows kept for proofs; what lies above is sampled."""

Arrays = tuple[np.ndarray[Any, Any], ...]


class Begun:
    """How many iterators went over a data set, and how many batches they handed out."""

    def __init__(self) -> None:
        self.iterators = self.batches = 0
        self._last: weakref.ref[Any] | None = None

    def handed(self, iterator: Any) -> int:
        """Note one batch; return how many there were so far if each was its iterator's first, else 0."""
        self.batches += 1
        if self._last is None or self._last() is not iterator:
            self.iterators += 1
            self._last = weakref.ref(iterator)
        return self.batches if self.iterators == self.batches else 0


class Pass:
    """The first pass over a data set whose rows are known by its batches only."""

    def __init__(self, dataset: Any) -> None:
        self.seen: list[list[Tensor]] = []
        self.whole = False
        self._dataset, self._rows = _weak(dataset), _length(dataset)
        self._first: Callable[[], Any] = lambda: None

    def over(self, dataset: Any) -> bool:
        """Whether it is a pass over this data set, and not over one that is gone."""
        return self._dataset() is dataset or isinstance(dataset, list | tuple)

    def led_by(self, iterator: Any) -> bool:
        """Whether this iterator made it."""
        return self._first() is iterator

    def begin(self, iterator: Any) -> None:
        """Begin with this iterator, unless another one is still at it or the pass is whole."""
        if not self.whole and self._first() is None:
            self._first, self.seen = weakref.ref(iterator), []

    def add(self, batch: list[Tensor]) -> None:
        """Add a batch; with as many rows as the data set has, the pass is whole."""
        self.seen.append(batch)
        self.whole = sum(len(part[0]) for part in self.seen) == self._rows


class Loader:
    """The batches that the DataLoader iterators hand out, and the dataset behind them."""

    def __init__(self) -> None:
        self.last: list[Tensor] = []
        self._dataset: Callable[[], Any] = lambda: None
        self._sampler: Callable[[], Any] = lambda: (
            None
        )  # both outlive an iterator that gave one batch
        self._passes: dict[int, Pass] = {}
        self._here: Pass | None = None
        self._bytes = 0
        self.anew = 0
        self._asked: Where | None = None
        self.counts = False  # passes end by a count, and not where an iterator ends
        self._begun: dict[int, Begun] = {}
        self._readers: list[tuple[Callable[[Any], bool], Callable[[Any], list[Tensor]]]] = []

    @property
    def whole_pass(self) -> bool:
        """Whether no more is to be learnt of the data set that gave the last batch."""
        return self._here is not None and self._here.whole

    def also(self, knows: Callable[[Any], bool], columns: Callable[[Any], list[Tensor]]) -> None:
        """Read the rows of more data sets: those that `knows` tells, by `columns`."""
        self._readers.append((knows, columns))

    def _columns(self, dataset: Any) -> list[Tensor]:
        for knows, columns in self._readers:
            if knows(dataset):
                return columns(dataset)
        return dataset_columns(dataset)

    def handed(self, iterator: Any, batch: Any) -> Where | None:
        """Note one batch; return the line that asks for it where each is asked of an iterator of its own.

        `anew` counts the batches of this data set, 0 where an iterator gave several.
        """
        self._noted(iterator, batch)
        if self.anew > 1 and self._asked is None:
            self._asked = asked_line()
        return self._asked if self.anew > 1 else None

    def _noted(self, iterator: Any, batch: Any) -> None:
        self.anew = self._begun.setdefault(id(iterator._dataset), Begun()).handed(iterator)
        self.last = [part for part in _flat(batch) if part.dim()]
        self._dataset = _weak(iterator._dataset)
        self._sampler = _weak(getattr(iterator._index_sampler, "sampler", None))
        here = self._here = self._pass(iterator._dataset)
        if self.counts and len(here.seen) > 1 and not here.led_by(iterator):
            here.whole = True  # the next pass has begun
        here.begin(iterator)
        if dataset_is_known(iterator) or any(
            knows(iterator._dataset) for knows, _ in self._readers
        ):
            return
        if here.led_by(iterator) and self._bytes < MAX_BYTES and self.last:
            here.add(self.last)
            self._bytes += sum(part.numel() * part.element_size() for part in self.last)

    def _pass(self, dataset: Any) -> Pass:
        known = self._passes.get(id(dataset))
        if known is None or not known.over(dataset):
            known = self._passes[id(dataset)] = Pass(dataset)
        return known

    def ended(self, iterator: Any) -> None:
        """Note that a pass over the data is over."""
        known = self._passes.get(id(iterator._dataset))
        if known is not None and known.led_by(iterator):
            known.whole = True

    def columns(self) -> tuple[list[Tensor], bool]:
        """Return the whole dataset by column where it is known, and whether it is complete."""
        known = self._columns(self._dataset())
        if known:
            return known, True
        seen = self._here.seen if self._here is not None else []
        if len({len(batch) for batch in seen}) != 1:
            return [], False
        return [torch.cat(list(part)) for part in zip(*seen, strict=True)], self.whole_pass

    @property
    def shuffles(self) -> bool:
        """Whether the loader draws a new order for each pass."""
        return not isinstance(self._sampler(), SequentialSampler)


def _length(dataset: Any) -> int | None:
    """Return how many rows a data set has, None where it does not tell."""
    try:
        return len(dataset)
    except TypeError:
        return None


def _weak(value: Any) -> Callable[[], Any]:
    """Return what gives the value as long as it lives; a list or None cannot be watched."""
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: None


def dataset_is_known(iterator: Any) -> bool:
    """Whether the rows can be read off the dataset, without collecting its batches."""
    dataset = getattr(iterator, "_dataset", None)
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    return type(dataset) is TensorDataset


def dataset_columns(dataset: Any) -> list[Tensor]:
    """Return the tensors of a TensorDataset, or of a Subset of one; nothing for other datasets."""
    if type(dataset) is TensorDataset:
        return [tensor.detach() for tensor in dataset.tensors]
    if isinstance(dataset, Subset):
        inner = dataset_columns(dataset.dataset)
        index = torch.as_tensor(list(dataset.indices), dtype=torch.long)
        return [tensor[index] for tensor in inner]
    return []


def _flat(batch: Any) -> list[Tensor]:
    if isinstance(batch, dict):
        return [part for value in batch.values() for part in _flat(value)]
    return list(tensors_in(batch))


class Rows:
    """The rows of one training, batch by batch, for the steps that were watched."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, Arrays]] = []
        self._bytes = 0
        self._whole: Arrays | None = None
        self._complete = False
        self._order = "epochs"

    def note(
        self, step: int, data: list[Tensor], fetched: list[Fetched], loader: Loader | None
    ) -> None:
        """Note the batch of one step and, at first, look for what it was cut from."""
        seen = tuple(_view(tensor) for tensor in data)
        if self.batches and _same(self.batches[0][1], seen):
            self.batches.append((step, self.batches[0][1]))
            return
        size = sum(part.nbytes for part in seen)
        if self.batches and self._bytes + size > MAX_BYTES:
            return
        self._bytes += size
        self.batches.append((step, tuple(np.array(part, copy=True) for part in seen)))
        if not self._complete or self._order == "sequence":  # else nothing more can be learnt
            self._search(data, fetched, loader)

    @property
    def seen(self) -> Arrays:
        """All rows where they are known by now, else the first batch."""
        return self._whole if self._whole is not None else self.batches[0][1]

    def _search(self, data: list[Tensor], fetched: list[Fetched], loader: Loader | None) -> None:
        found = _indexed(data, fetched)
        if found is not None:
            self._found(found, _order_of(fetched))
            return
        if loader is None or not loader.last:
            return
        columns, complete = loader.columns()
        rows = list(zip(loader.last, columns, strict=False))
        wholes = [_matching(tensor, rows) for tensor in data]
        known = [whole for whole in wholes if whole is not None]
        if len(known) == len(wholes) and _bytes_of(known) <= MAX_BYTES:
            found = tuple(array(whole) for whole in known)
            if len({len(part) for part in found}) == 1:
                self._whole, self._complete = found, complete
                self._order = "epochs" if loader.shuffles else "sequence"

    def _found(self, whole: Arrays, order: str) -> None:
        """Note what batches are cut from; cut in order, from rows that were shuffled since, is shuffled."""
        shuffled = self._complete and self._order == "epochs"
        if self._whole is not None and self._complete and _reordered(self._whole, whole):
            shuffled, whole = True, self._whole
        self._whole, self._complete = whole, True
        self._order = "epochs" if shuffled else order

    def data(
        self, slots: list[int], steps: int, backwards: int, *, keep: bool, anew: bool = False
    ) -> tuple[Data, Plan]:
        """Return all known rows and the plan of batches; anew: the loader was begun anew for each batch."""
        seen = [(step, arrays) for step, arrays in self.batches if step < steps] or self.batches[:1]
        batch = len(seen[0][1][0])
        if len(seen) > 1 and all(b is seen[0][1] for _, b in seen):
            rows = dict(zip(slots, seen[0][1], strict=True)) if keep else {}
            held = self._whole if anew and keep and self._complete else None
            more = held is not None and len(held[0]) > batch
            unseen = dict(zip(slots, held, strict=True)) if held is not None and more else {}
            data = Data(rows, True, unseen=unseen)
            return data, Plan("full", batch, steps, (np.arange(batch),))
        whole, complete, order = self._whole, self._complete, self._order
        if whole is None:
            whole, complete, order = _union([b for _, b in seen]), False, "fresh"
        if anew and order == "epochs":
            order = "fresh"  # a shuffling loader that is begun anew never ends a pass
        if len(seen) == 1 and len(whole[0]) == batch:
            complete, order = True, "full"
        consecutive = [b for i, (s, b) in enumerate(seen) if s == i // backwards]
        first = _numbers(whole, consecutive)
        rows = dict(zip(slots, whole, strict=True)) if keep else {}
        return Data(rows, complete), Plan(order, batch, steps, first)  # type: ignore[arg-type]


def array(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Copy a tensor to numpy (bfloat16, which numpy lacks, as float32)."""
    return np.array(_view(tensor), copy=True)


def _view(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Return a tensor's values for a look, where possible without copying them."""
    values = tensor.detach().cpu()
    if values.dtype == torch.bfloat16:
        values = values.float()
    plain: np.ndarray[Any, Any] = values.numpy()
    return plain


def _bytes_of(tensors: list[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _same(a: Arrays, b: Arrays) -> bool:
    return all(
        x.shape == y.shape and np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
        for x, y in zip(a, b, strict=True)
    )


def _reordered(a: Arrays, b: Arrays) -> bool:
    """Whether these are the same rows in another order."""
    if _same(a, b) or [part.shape for part in a] != [part.shape for part in b]:
        return False
    return bool(np.array_equal(np.sort(_keys(a)), np.sort(_keys(b))))


def _indexed(data: list[Tensor], fetched: list[Fetched]) -> Arrays | None:
    """Return the tensors that all of `data` were indexed from, if they have the same rows."""
    rows = [
        (r, s)
        for f in reversed(fetched)
        if (r := f.rows()) is not None and (s := f.source()) is not None
    ]
    rows = [(r, s) for r, s in rows if r.dim() and len(s) > len(r)]
    wholes = [_matching(tensor, rows) for tensor in data]
    known = [whole for whole in wholes if whole is not None]
    if len(known) != len(data) or len({len(whole) for whole in known}) != 1:
        return None
    if _bytes_of(known) > MAX_BYTES:
        return None
    return tuple(array(whole) for whole in known)


def _matching(tensor: Tensor, rows: list[tuple[Tensor, Tensor]]) -> Tensor | None:
    """Return the whole behind a batch: of the candidate whose rows are the same up to shape and type."""
    for part, whole in rows:
        if part is tensor or _equal(part, tensor):
            return whole.detach().reshape(len(whole), *tensor.shape[1:]).to(tensor.dtype)
    return None


def _equal(part: Tensor, tensor: Tensor) -> bool:
    if part.numel() != tensor.numel() or not part.dim() or len(part) != len(tensor):
        return False
    part, tensor = part.detach().reshape(tensor.shape).to(tensor.dtype), tensor.detach()
    if torch.equal(part, tensor):
        return True
    holes = tensor.is_floating_point() and bool(tensor.isnan().any())
    return holes and torch.allclose(part, tensor, 0.0, 0.0, equal_nan=True)


def _order_of(fetched: list[Fetched]) -> str:
    last = fetched[-1].index
    last = last[0] if isinstance(last, tuple) and last else last
    return "sequence" if isinstance(last, slice) else "epochs"


def _union(batches: list[Arrays]) -> Arrays:
    whole = tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))
    _, index = np.unique(_keys(whole), return_index=True)
    return tuple(part[np.sort(index)] for part in whole)


def _keys(rows: Arrays) -> np.ndarray[Any, Any]:
    """Return one opaque key a row: equal rows, equal keys."""
    flat = [np.ascontiguousarray(part).reshape(len(part), -1).view(np.uint8) for part in rows]
    joined = np.ascontiguousarray(np.concatenate([f.reshape(len(f), -1) for f in flat], axis=1))
    return joined.view([("", np.void, joined.shape[1])]).reshape(len(joined))


def _numbers(whole: Arrays, batches: list[Arrays]) -> tuple[np.ndarray[Any, Any], ...]:
    """Return the row numbers of the first batches, up to the first row that is not in `whole`."""
    place = {key.tobytes(): number for number, key in enumerate(_keys(whole))}
    found = []
    for batch in batches[:16]:
        numbers = [place.get(key.tobytes(), -1) for key in _keys(batch)]
        if -1 in numbers:
            break
        found.append(np.array(numbers))
    return tuple(found)
