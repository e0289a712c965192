"""What the user may set about a diagnosis; the same names on the command line and in pyproject.toml."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """How hard to prove, and what to leave out.

    seconds: cap on the time of all proofs; network_steps: budget of all proofs, counted in steps of
    one network; members: networks in an ensemble; select, ignore: codes or names of rules (select
    empty means all); seeds: verifying runs of a patch.
    """

    prove: bool = True
    seconds: float = 60.0
    network_steps: int = 200_000_000
    members: int = 64
    random_state: int = 0
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    seeds: int = 5
    verify_seconds: float = 600.0
    unsafe: bool = False


Progress = Callable[[str, float | None], None]
"""Told what is being tried, and which share of the work is done (None where unknown)."""


def silent(what: str, done: float | None) -> None:
    """Report no progress."""
