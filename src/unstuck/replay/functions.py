"""Names of torch functions, as programs store them, and back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from torch.overrides import get_overridable_functions, resolve_name


@functools.cache
def _by_name() -> dict[str, Callable[..., Any]]:
    named = {}
    for functions in get_overridable_functions().values():
        for function in functions:
            name = resolve_name(function)
            if name is not None:
                named[name] = function
    return named


@functools.cache
def _names() -> dict[Callable[..., Any], str | None]:
    functions = [f for group in get_overridable_functions().values() for f in group]
    return {function: resolve_name(function) for function in functions}


def learn() -> None:
    """Read torch's list of its functions now: doing so resets which warnings were shown before."""
    _names()


def name_of(function: Callable[..., Any]) -> str | None:
    """Return the public name of an overridable torch function, None where it has none."""
    names = _names()
    if function not in names:
        names[function] = resolve_name(function)
    return names[function]


def function_named(name: str) -> Callable[..., Any] | None:
    """Return the torch function of this name, None for any name that torch does not list."""
    return _by_name().get(name)
