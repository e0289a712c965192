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

PERCEPTRONS = "sklearn.neural_network._multilayer_perceptron"


def start(folder: Path, options: dict[str, Any]) -> Finish:
    """Watch for torch and scikit-learn; return the function that ends the recording and saves it."""
    torch: list[Finish] = []
    sklearn: list[Callable[[dict[str, Any]], Any]] = []

    def torch_came(module: ModuleType) -> None:
        from unstuck.record.torch.session import begin

        torch.append(begin(folder, options))

    def sklearn_came(module: ModuleType) -> None:
        from unstuck.record.sklearn.session import begin

        sklearn.append(begin(folder, options, module))

    when_imported("torch", torch_came)
    when_imported(PERCEPTRONS, sklearn_came)
    elsewhere.note(folder)

    def finish(outcome: dict[str, Any]) -> None:
        trained = False
        for each in torch:
            with trouble.guard("the end of the recording"):
                trained = bool(each(outcome)) or trained
        for fits in sklearn:
            with trouble.guard("the end of the recording"):
                found = fits(outcome)
                if (
                    found is not None and not trained
                ):  # where torch trained, that is the script's affair
                    from unstuck.record.folder import save

                    save(found, folder)

    return finish
