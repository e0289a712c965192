"""The guard around every bit of work of ours that runs within the script's own calls and forks."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch.utils._python_dispatch import _disable_current_modes


class Guarded(Protocol):
    """Who is told what the guarded work took, and that it failed."""

    seconds: float

    def failed(self, error: Exception, *, spoils: bool) -> None:
        """Note that our own work failed."""


class Guard:
    """Guards our own work: no operation is taped, no gradient made, no failure gets out.

    spoils: whether a failure makes what is recorded of the training unreliable.
    """

    __slots__ = ("_began", "_grad", "_modes", "_plain", "_recorder", "_spoils")

    def __init__(self, recorder: Guarded, *, spoils: bool = True) -> None:
        self._recorder, self._spoils = recorder, spoils

    def __enter__(self) -> None:
        self._began = time.perf_counter()
        self._plain = torch._C.DisableTorchFunction()
        self._plain.__enter__()
        self._grad = torch.no_grad()
        self._grad.__enter__()
        self._modes = None
        if torch._C._len_torch_dispatch_stack():  # the user's own would see our operations
            self._modes = _disable_current_modes()
            self._modes.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: Any) -> bool:
        if self._modes is not None:
            self._modes.__exit__(None, None, None)
        self._grad.__exit__(None, None, None)
        self._plain.__exit__(None, None, None)
        self._recorder.seconds += time.perf_counter() - self._began
        if isinstance(error, Exception):
            self._recorder.failed(error, spoils=self._spoils)
            return True
        return False


class Detachable(Protocol):
    """What can take itself out of the process."""

    def detach(self) -> None:
        """Take every hook out."""


def left_alone(recorder: Detachable) -> Callable[[], None]:
    """Return what leaves a forked process alone, and keeps nobody alive."""
    here = weakref.ref(recorder)

    def leave() -> None:
        alive = here()
        if alive is not None:
            alive.detach()

    return leave
