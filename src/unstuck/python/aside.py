"""Keeps the random states of a process as they are, whatever is trained in between."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def aside(random_state: int) -> Iterator[None]:
    """Draw from generators of our own within: python's, numpy's and, where it is loaded, torch's."""
    python, legacy = random.getstate(), np.random.get_state()
    torch = sys.modules.get("torch")
    drawn = torch.get_rng_state() if torch is not None else None
    random.seed(random_state)
    np.random.seed(random_state % 2**32)
    if torch is not None:
        torch.default_generator.manual_seed(random_state)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)
        if torch is not None:
            torch.set_rng_state(drawn)
