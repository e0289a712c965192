"""Whether torch can train on the device that was named."""

from __future__ import annotations

import torch

from unstuck.lab.mistaken import Mistaken


def check(device: str) -> None:
    """Refuse a device that torch does not know, or that is not there; raises Mistaken."""
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        why = str(error).splitlines()[0]
        raise Mistaken(f"torch cannot train on the device {device!r}: {why}") from error
