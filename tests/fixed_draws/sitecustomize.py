"""Seeds what a script leaves to chance, so that a test sees the same draws each time.

Python imports this module at its start wherever this folder is in PYTHONPATH. Examples, cases and
other people's scripts draw their data and weights unseeded, as their authors do; that their diagnosis
holds for most draws is what the population test measures, and no single test can.
"""

import random
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from late_compiler import put_off


def _settled(torch: ModuleType) -> None:
    torch.manual_seed(0)
    put_off(torch)


SEEDED = {"numpy.random": lambda module: module.seed(0), "torch": _settled}


class SeedingFinder(MetaPathFinder):
    """Finds the libraries that draw, and has each seeded as soon as it was imported."""

    def find_spec(self, name, path=None, target=None) -> ModuleSpec | None:
        if name not in SEEDED:
            return None
        rest = sys.meta_path[sys.meta_path.index(self) + 1 :]
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in rest)), None)
        if spec is None:
            return None
        execute = spec.loader.exec_module

        def executed(module) -> None:
            execute(module)
            SEEDED[name](module)

        spec.loader.exec_module = executed
        return spec


random.seed(0)
sys.meta_path.insert(0, SeedingFinder())
