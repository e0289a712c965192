"""Puts off the import of torch's compiler, which any optimizer asks for, until something really uses it.

It takes longer than torch itself, and hundreds of scripts are run. What optimizers ask of it outside
of a compiled function does nothing; every other request brings the real module.
"""

import importlib
import sys
from types import ModuleType

NAME = "torch._dynamo"


class LateCompiler(ModuleType):
    """Stands in for the compiler."""

    @staticmethod
    def disable(fn=None, recursive=True, **_):
        """Return the function as it is, or what does so: nothing is compiled that it could be kept out of."""
        return fn if fn is not None else lambda function: function

    @staticmethod
    def graph_break(*_, **__) -> None:
        """Break no graph, since there is none."""

    @property
    def __spec__(self):
        """Return that of the real module once it is there; the import system asks for it."""
        real = sys.modules.get(NAME)
        return None if real is None or real is self else real.__spec__

    def __getattr__(self, name: str):
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
            sys.modules["torch"]._dynamo = importlib.import_module(NAME)
        return getattr(sys.modules[NAME], name)


def put_off(torch: ModuleType) -> None:
    """Let this module of torch meet the stand-in."""
    if NAME not in sys.modules:
        sys.modules[NAME] = torch._dynamo = LateCompiler(NAME)
