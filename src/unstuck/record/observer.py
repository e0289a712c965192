"""What the runner starts in the script's process: waits for a framework, then records.

Imports nothing outside the standard library until the script itself imports the framework, since a
script may set environment variables that are read at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from unstuck.record import elsewhere
from unstuck.runner import trouble
from unstuck.runner.imports import when_imported

Finish = Callable[[dict[str, Any]], object]


def start(folder: Path, options: dict[str, Any]) -> Finish:
    """Watch for torch; return the function that ends the recording and saves it."""
    finishes: list[Finish] = []

    def torch_came(module: ModuleType) -> None:
        from unstuck.record.torch.session import begin

        finishes.append(begin(folder, options))

    when_imported("torch", torch_came)
    elsewhere.note(folder)

    def finish(outcome: dict[str, Any]) -> None:
        for each in finishes:
            with trouble.guard("the end of the recording"):
                each(outcome)

    return finish
