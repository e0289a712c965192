"""Keeps our modules and the user's apart when they bear the same names.

We import what we need before the script's folder is on `sys.path`. Of these modules, those that
the script would find elsewhere (its folder has a `json.py`) are taken out of `sys.modules`, so the
script imports its own, as it would without us; ours keep their references. Code of ours that
is imported later, while the script runs, must be imported within `importing()`: there
`sys.modules` is as it was at the start, and the script's folders come last in `sys.path`.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import PathFinder
from types import ModuleType

_aside: dict[str, ModuleType] = {}
"""Our modules whose names the script's own modules bear."""
_clean_path: list[str] = []


def top(name: str) -> str:
    """The package that a module belongs to."""
    return name.partition(".")[0]


def elsewhere(name: str, module: ModuleType, path: Sequence[str]) -> bool:
    """Whether an import of `name` along `path` would find another file than this module's."""
    spec = getattr(module, "__spec__", None)
    if spec is None or not spec.has_location:  # built in or frozen: found before any path
        return False
    found = PathFinder.find_spec(name, list(path))
    return found is not None and found.origin is not None and not _same(found.origin, spec.origin)


def _same(origin: str, other: str) -> bool:
    """Whether two origins are one file."""
    try:
        return origin == other or os.path.samefile(origin, other)
    except OSError:  # a member of an archive
        return False


def shadowed(names: Iterable[str], path: Sequence[str]) -> frozenset[str]:
    """Those of the loaded packages of which the script would find another one."""
    packages = {top(name) for name in names} & sys.modules.keys()
    return frozenset(p for p in packages if elsewhere(p, sys.modules[p], path))


def step_aside(*, before: frozenset[str], path: Sequence[str]) -> None:
    """Take out of `sys.modules` what we loaded since `before` and the script has its own of."""
    loaded = [name for name in sys.modules if name not in before]
    packages = shadowed(loaded, path)
    for name in loaded:
        if top(name) in packages:
            _aside[name] = sys.modules.pop(name)


def remember(clean_path: Sequence[str]) -> None:
    """Set the `sys.path` along which our own modules are found."""
    _clean_path[:] = clean_path


@contextmanager
def importing() -> Iterator[None]:
    """Within it, imports find our modules and what they need, as if the script were not there."""
    path, users = sys.path[:], {name: sys.modules.get(name) for name in _aside}
    sys.path[:] = [*_clean_path, *(entry for entry in path if entry not in _clean_path)]
    sys.modules.update(_aside)
    before = frozenset(sys.modules)
    try:
        yield
    finally:
        sys.path[:] = path
        for name, module in users.items():
            _aside[name] = sys.modules.pop(name, _aside[name])
            if module is not None:
                sys.modules[name] = module
        step_aside(before=before, path=path)
