"""Imports the copy of a module where python would import the original.

A patched copy of a project is run in a folder of its own, but a project that is installed for
development (`pip install -e .`) would still be imported from where it was installed from.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from types import ModuleType
from typing import Any, cast

from unstuck.runner.imports import found_by_next


def redirect(copies: Mapping[str, str]) -> None:
    """Import from `copies` ({original folder: its copy}) from now on."""
    sys.meta_path.insert(0, cast(Any, _Redirect(copies)))


def copy_of(path: str, copies: Mapping[str, str]) -> str:
    """Where a file's copy is; the path itself where it has none."""
    for original, copy in copies.items():
        if path == original or path.startswith(original + os.sep):
            copied = copy + path[len(original) :]
            if not path.startswith(copy + os.sep) and os.path.exists(copied):
                return copied
    return path


class _Redirect:
    """Finds what the other finders find, in its copy. A package's modules follow the package."""

    def __init__(self, copies: Mapping[str, str]) -> None:
        self.copies = copies

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None:
            return None
        spec = found_by_next(self, name, path, target)
        return None if spec is None else self._copied(spec)

    def _copied(self, spec: ModuleSpec) -> ModuleSpec:
        folders = spec.submodule_search_locations
        copied = None if folders is None else [copy_of(folder, self.copies) for folder in folders]
        if spec.origin is None and copied is not None and copied != list(folders or ()):
            found = ModuleSpec(spec.name, None, is_package=True)
            found.submodule_search_locations = copied
            return found
        origin = copy_of(spec.origin, self.copies) if spec.has_location and spec.origin else None
        if origin in (None, spec.origin):
            return spec
        elsewhere = spec_from_file_location(spec.name, origin, submodule_search_locations=copied)
        return elsewhere or spec
