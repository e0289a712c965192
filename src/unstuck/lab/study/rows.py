"""The rows of a task: those of the founding cases, a CSV with a target column, or a function of the user's."""

from __future__ import annotations

import csv
import dataclasses
import functools
import hashlib
import importlib
import inspect
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.lab.mistaken import Mistaken

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Inputs (n, d) and targets (n, k) as float32, before any scaling. digest: of their bytes."""

    inputs: Array
    targets: Array

    @property
    def digest(self) -> str:
        """A hash of the rows, which enters the key of every cell that is trained on them."""
        made = hashlib.sha256(repr((self.inputs.shape, self.targets.shape)).encode())
        for array in (self.inputs, self.targets):
            made.update(np.ascontiguousarray(array).tobytes())
        return made.hexdigest()[:16]


def xnor() -> tuple[Array, Array]:
    """Return the four rows of case 1, its columns normalised as the poster did (n - 1 in the spread)."""
    bits = np.array([[0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]], np.float32)
    targets = np.array([[1], [1], [0], [0]], np.float32)
    return (bits - bits.mean(0)) / bits.std(0, ddof=1), targets


def heart_rate(rows: int = 200, mean: float = 92.6, spread: float = 7.5) -> tuple[Array, Array]:
    """Return heart rates with one decimal, drawn once, and whether each is above 91."""
    rates = np.random.default_rng(91).normal(mean, spread, (rows, 1)).round(1)
    return rates, (rates > 91).astype(np.float32)


def points(spread: float = 1.0) -> tuple[Array, Array]:
    """Return the twenty points of case 3: x = -10 … 9, times a factor, and the published labels."""
    labels = (
        ".813 .770 .524 .156 .813 .986 .500 .898 .067 .016"
        " .079 .808 .491 .539 .684 .323 .463 .321 .029 .422"
    )
    x = np.arange(-10.0, 10.0).reshape(-1, 1) * spread
    return x, np.array(labels.split(), np.float32).reshape(-1, 1)


def squares(rows: int = 200, largest: int = 1000, over: float = 1e6) -> tuple[Array, Array]:
    """Return whole numbers up to `largest`, divided by `over`, and their squares between 0 and 1."""
    numbers = np.random.default_rng(4).integers(1, largest + 1, (rows, 1)).astype(np.float64)
    return numbers / over, (numbers / largest) ** 2


def quartic(rows: int = 320, spread: float = 0.0) -> tuple[Array, Array]:
    """Return rows of case 5 and the polynomial's values at them.

    spread: of normal rows around one setting, sin(0 … 31); 0 for rows uniform between -1 and 1.
    """
    draw = np.random.default_rng(5)
    uniform = draw.uniform(-1, 1, (rows, 32))
    x = np.sin(np.arange(32)) + spread * draw.normal(size=(rows, 32)) if spread else uniform
    coefficients, powers, intercept = _polynomial()
    terms = [c * np.prod(x**power, axis=1) for c, power in zip(coefficients, powers, strict=True)]
    return x, np.asarray(intercept + sum(terms)).reshape(-1, 1)


@functools.cache
def _polynomial() -> tuple[Array, Array, float]:
    """Return coefficients (t,), powers (t, 32) of the terms that the case's file holds, and its constant."""
    from itertools import chain, combinations_with_replacement

    import unstuck.casebook

    file = Path(unstuck.casebook.__file__).parent / "scripts" / "quartic.json"
    fitted = json.loads(file.read_text(encoding="utf-8"))
    values = np.array(fitted["coef_"])
    terms = chain.from_iterable(combinations_with_replacement(range(32), d) for d in range(1, 5))
    used = [term for term, value in zip(terms, values, strict=True) if value]
    powers = np.array([np.bincount(term, minlength=32) for term in used])
    return values[values != 0], powers, float(fitted["intercept_"])


FOUNDING: dict[str, Callable[..., tuple[Array, Array]]] = {
    "xnor": xnor,
    "heart-rate": heart_rate,
    "points": points,
    "squares": squares,
    "quartic": quartic,
}


def parameters(task: Numbers) -> dict[str, Any]:
    """Return what may be set of a task, with what it is otherwise; raises Mistaken for an unknown task."""
    if "csv" in task:
        return {"csv": task["csv"], "target": None}
    if "function" in task:
        signature = inspect.signature(_function(task["function"]))
        usual = {k: _default(p) for k, p in signature.parameters.items()}
        return {"function": task["function"], **usual}
    name = task.get("name")
    if name not in FOUNDING:
        raise Mistaken(
            f"there is no task {name!r}; it is one of {', '.join(FOUNDING)},"
            ' {csv = "rows.csv", target = "label"} or "package.module:function"'
        )
    signature = inspect.signature(FOUNDING[name])
    return {"name": name, **{k: p.default for k, p in signature.parameters.items()}}


def _default(parameter: inspect.Parameter) -> Any:
    return None if parameter.default is inspect.Parameter.empty else parameter.default


def rows(task: Numbers, folder: Path) -> Rows:
    """Return the rows of a task; raises Mistaken where there are none, or no numbers."""
    given = {key: value for key, value in task.items() if key not in {"name", "function"}}
    if "csv" in task:
        found = _of_csv(folder / str(task["csv"]), task.get("target"))
    elif "function" in task:
        found = _of_function(str(task["function"]), given)
    else:
        found = FOUNDING[str(task["name"])](**given)
    return _checked(*found)


def _of_csv(file: Path, target: Any) -> tuple[Array, Array]:
    try:
        with open(file, newline="", encoding="utf-8-sig") as stream:
            table = [line for line in csv.reader(stream) if line]
    except (OSError, UnicodeDecodeError) as error:
        raise Mistaken(f"{str(file)!r} cannot be read: {error}") from error
    head = [name.strip() for name in table[0]] if table else []
    if target not in head:
        raise Mistaken(f"{file.name} has no column {target!r}; it has {', '.join(head) or 'none'}")
    numbers = np.array([_numbers(line, head, file, n) for n, line in enumerate(table[1:], start=2)])
    at = head.index(str(target))
    return np.delete(numbers, at, axis=1), numbers[:, at : at + 1]


def _numbers(line: list[str], head: list[str], file: Path, at: int) -> list[float]:
    if len(line) != len(head):
        raise Mistaken(f"{file.name}, line {at}: {len(line)} values under {len(head)} names")
    try:
        return [float(value) for value in line]
    except ValueError as error:
        raise Mistaken(f"{file.name}, line {at}: {error}; encode words as numbers first") from error


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise Mistaken(f"{name!r} cannot be imported: {error}") from error
    if not callable(found):
        raise Mistaken(f"{name!r} is no function")
    return found  # type: ignore[no-any-return]


def _of_function(name: str, given: Numbers) -> tuple[Array, Array]:
    made = _function(name)(**given)
    if not isinstance(made, tuple) or len(made) != 2:
        raise Mistaken(f"{name!r} returned {type(made).__name__}, not (inputs, targets)")
    return np.asarray(made[0]), np.asarray(made[1])


def _checked(inputs: Array, targets: Array) -> Rows:
    try:
        x, y = (np.asarray(a, np.float32) for a in (inputs, targets))
    except (TypeError, ValueError) as error:
        raise Mistaken(f"the rows are no numbers: {error}") from error
    x, y = (a.reshape(len(a), -1) if a.ndim else a.reshape(0, 1) for a in (x, y))
    if not len(x) or not x.shape[1]:
        raise Mistaken("the task has no rows")
    if len(x) != len(y):
        raise Mistaken(f"the task has {len(x)} rows of inputs and {len(y)} of targets")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Mistaken("some of the task's numbers are not finite")
    return Rows(x, y)
