"""A doctor who says what a test wants to hear, and remembers what he was asked."""

from __future__ import annotations

import dataclasses

from made import diagnosis

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.options import Options


@dataclasses.dataclass
class Doctor:
    """What the doctor was asked, and what it answers."""

    says: Diagnosis = dataclasses.field(default_factory=diagnosis)
    verified: Diagnosis | None = None
    asked: list[Options] = dataclasses.field(default_factory=list)
    verifications: int = 0
    only_runs_tell: bool = False
    proved: Diagnosis | None = None
    proofs: int = 0
    breaks: BaseException | None = None
