"""A remedy as one value with three readers: people, trials and the patch.

`Change.setup` says what it does to a Setup, `Change.edits` what it does to the source.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable

from unstuck.core.edits import Edit
from unstuck.core.setup import Setup


class Safety(enum.Enum):
    """Whether a change may be applied unasked."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    SHOW = "show"


class Kind(enum.IntEnum):
    """How much of the user's intent a change touches, least first; ties are broken in this order."""

    BUG = 0
    DATA = 1
    SETTING = 2
    ARCHITECTURE = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A remedy: what people read, what a trial trains, what the patch writes.

    name: the fault that it removes; size: how far it goes among the remedies of that fault (0 is the
    mildest), so that the smallest one that suffices can be chosen. meant: it mends the loss itself, so that
    networks trained without it are judged by the loss that it gives; judge: how they are judged instead,
    where what it does to the setup is not all of it.
    """

    name: str
    say: str
    setup: Callable[[Setup], Setup]
    edits: tuple[Edit, ...] = ()
    safety: Safety = Safety.SAFE
    kind: Kind = Kind.SETTING
    size: int = 0
    meant: bool = False
    judge: Callable[[Setup], Setup] | None = None
