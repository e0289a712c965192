"""Shifts every seed that a script sets, so that its runs differ although it fixes its seed.

Belongs here: the functions and classes through which seeds are set, and how each is replaced once
its library was imported. A seed that passes through several of them (`torch.manual_seed` seeds
the GPUs too, `default_rng` builds a bit generator) is shifted once, by the outermost.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from operator import attrgetter, index
from types import ModuleType
from typing import Any

from unstuck.runner.imports import when_imported

_FUNCTIONS: tuple[tuple[str, str, tuple[str, ...], int], ...] = (
    ("numpy.random", "", ("seed", "default_rng"), 32),
    ("torch", "", ("manual_seed",), 63),
    ("torch", "random", ("manual_seed",), 63),
    ("torch", "cuda", ("manual_seed", "manual_seed_all"), 63),
    ("torch", "cuda.random", ("manual_seed", "manual_seed_all"), 63),
    ("torch", "mps", ("manual_seed",), 63),
    ("keras", "utils", ("set_random_seed",), 31),
    ("tensorflow", "random", ("set_seed",), 31),
    ("jax.random", "", ("key", "PRNGKey"), 31),
)
"""Module to wait for, place within it, functions that take a seed first, and a seed's bits."""

_CLASSES = ("RandomState", "SeedSequence", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
"""Classes of `numpy.random` that are built from a seed."""

_KEYWORDS = ("seed", "entropy", "a")

_state = threading.local()


def shift(offset: int) -> None:
    """Add `offset` to every seed that is set from now on; 0 changes nothing."""
    if offset == 0:
        return
    when_imported("random", partial(_shift_random, offset))
    for module, place, names, bits in _FUNCTIONS:
        when_imported(module, partial(_shift_functions, offset, place, names, bits))
    when_imported("numpy.random", partial(_shift_classes, offset))
    when_imported("torch", partial(_shift_generator, offset))


def shifted(seed: Any, offset: int, *, bits: int) -> Any:
    """The seed `offset` further on, within `bits`; what is no seed (None, a generator) stays."""
    if isinstance(seed, str):
        return f"{seed}+{offset}"
    if isinstance(seed, bytes | bytearray):
        return seed + b"+%d" % offset
    if isinstance(seed, float):
        return seed + offset
    if isinstance(seed, list | tuple) or getattr(seed, "ndim", 0) == 1:
        return [*map(int, seed), offset % 2**32]
    try:
        value = index(seed)
    except TypeError:
        return seed
    return (value + offset) % 2**bits if 0 <= value < 2**bits else value - offset


@contextmanager
def _outermost() -> Iterator[bool]:
    """Whether no other seeding function of ours is being called in this thread."""
    outer = not getattr(_state, "busy", False)
    _state.busy = True
    try:
        yield outer
    finally:
        _state.busy = not outer


def _call(function: Callable[..., Any], offset: int, bits: int, args: Any, kwargs: Any) -> Any:
    """Call a function with its seed shifted: the first argument, or one named like a seed."""
    with _outermost() as outer:
        if outer and args:
            args = (shifted(args[0], offset, bits=bits), *args[1:])
        elif outer:
            given = kwargs.keys() & set(_KEYWORDS)
            kwargs = kwargs | {name: shifted(kwargs[name], offset, bits=bits) for name in given}
        return function(*args, **kwargs)


def _shifting(function: Callable[..., Any], offset: int, bits: int) -> Callable[..., Any]:
    @wraps(function)
    def shifting(*args: Any, **kwargs: Any) -> Any:
        return _call(function, offset, bits, args, kwargs)

    return shifting


def _shift_functions(
    offset: int, place: str, names: tuple[str, ...], bits: int, module: ModuleType
) -> None:
    try:
        home = attrgetter(place)(module) if place else module
    except AttributeError:  # another version of the library
        return
    for name in names:
        if hasattr(home, name):
            setattr(home, name, _shifting(getattr(home, name), offset, bits))


def _shift_random(offset: int, random: ModuleType) -> None:
    """Shift where the seeds of `random.seed(s)` and of `random.Random(s)` meet."""
    seed = random.Random.seed

    @wraps(seed)
    def shifting(self: Any, *args: Any, **kwargs: Any) -> None:
        _call(partial(seed, self), offset, 64, args, kwargs)

    random.Random.seed = shifting
    random.seed = random._inst.seed  # type: ignore[attr-defined]


def _shift_classes(offset: int, module: ModuleType) -> None:
    for name in _CLASSES:
        setattr(module, name, _shifting_class(getattr(module, name), offset))


def _standing_for(original: Any) -> Any:
    """A metaclass whose class takes the instances of `original` for its own."""

    class Standing(type(original)):  # type: ignore[misc]
        def __instancecheck__(cls, instance: object) -> bool:
            standing = cls.__base__ is original
            return (
                isinstance(instance, original)
                if standing
                else type.__instancecheck__(cls, instance)
            )

        def __subclasscheck__(cls, other: type) -> bool:
            standing = cls.__base__ is original
            return issubclass(other, original) if standing else type.__subclasscheck__(cls, other)

    return Standing


def _named_like(original: Any) -> dict[str, Any]:
    return {name: getattr(original, name) for name in ("__doc__", "__module__", "__qualname__")}


def _shifting_class(original: Any, offset: int) -> Any:
    """A class that builds instances of `original`, their seed shifted."""

    class Building(_standing_for(original)):  # type: ignore[misc]
        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            build = original if cls.__base__ is original else partial(type.__call__, cls)
            return _call(build, offset, 32, args, kwargs)

    return Building(original.__name__, (original,), _named_like(original))


def _shift_generator(offset: int, torch: Any) -> None:
    """Shift `torch.Generator().manual_seed(s)`, a method of a class that cannot be changed."""
    original = torch.Generator

    def manual_seed(self: Any, seed: Any) -> Any:
        return _call(partial(original.manual_seed, self), offset, 63, (seed,), {})

    members = _named_like(original) | {"manual_seed": manual_seed}
    torch.Generator = _standing_for(original)(original.__name__, (original,), members)
