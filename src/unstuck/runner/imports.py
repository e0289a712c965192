"""Calls back right after a module was imported by the script, without importing it earlier.

A finder at the front of `sys.meta_path` asks the others where the module is, and hands on their
answer. Only the *class* of the spec is changed until the module has been executed: python marks
the end of the execution by an assignment to the spec, which is where the callback is called.
No loader is wrapped, so `module.__loader__` is the true one from the start, and a traceback out
of the import holds no frame of ours.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast

from unstuck.runner import own, trouble

Callback = Callable[[ModuleType], None]

_waiting: dict[str, list[Callback]] = {}


def when_imported(name: str, callback: Callback) -> None:
    """Call `callback(module)` once `name` is imported; at once if it has been already."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    executing = getattr(spec, "_initializing", False)
    if module is not None and not executing:
        _call(callback, module)
        return
    _waiting.setdefault(name, []).append(callback)
    if executing:
        _watch(spec)
    elif not any(finder is _finder for finder in sys.meta_path):
        sys.meta_path.insert(0, _finder)


def _call(callback: Callback, module: ModuleType) -> None:
    with trouble.guard(f"a callback after the import of {module.__name__}"), own.importing():
        callback(module)


def _executed(name: str) -> None:
    """The module `name` was executed, or failed: then it is not among the modules."""
    module = sys.modules.get(name)
    if module is None:
        return
    callbacks = _waiting.pop(name, [])
    if not _waiting and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for callback in callbacks:
        _call(callback, module)


def _watch(spec: Any) -> None:
    """Have `_executed` called when the module of this spec has been executed."""
    true_class = type(spec)

    class Watched(true_class):  # type: ignore[misc, valid-type]
        def __setattr__(self, attribute: str, value: object) -> None:
            super().__setattr__(attribute, value)
            if attribute == "_initializing" and value is False:
                object.__setattr__(self, "__class__", true_class)
                _executed(self.name)

    Watched.__name__, Watched.__qualname__ = true_class.__name__, true_class.__qualname__
    Watched.__module__ = true_class.__module__
    try:
        spec.__class__ = Watched
    except TypeError as error:
        trouble.note(f"the import of {spec.name} cannot be watched", error)


def found_by_next(
    finder: object, name: str, path: Sequence[str] | None, target: ModuleType | None
) -> ModuleSpec | None:
    """What the finders after this one in `sys.meta_path` find."""
    finders = sys.meta_path[:]
    after = next((at for at, other in enumerate(finders, start=1) if other is finder), 0)
    for other in finders[after:]:
        find = getattr(other, "find_spec", None)
        spec: ModuleSpec | None = find(name, path, target) if find else None
        if spec is not None:
            return spec
    return None


class _Finder:
    """Finds what the other finders find, and watches it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _waiting:
            return None
        spec = found_by_next(self, name, path, target)
        if spec is not None:
            _watch(spec)
        return spec


_finder = cast(Any, _Finder())
