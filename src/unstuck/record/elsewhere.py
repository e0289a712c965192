"""Scripts that train with something else than torch: why nothing is recorded, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from unstuck.runner.imports import when_imported

FILE = "elsewhere"
"""The file in the run folder that holds the reason."""

OTHERS = {
    "tensorflow": "TensorFlow",
    "jax": "JAX",
}
"""Frameworks in which nothing is recorded -> their names."""


def note(folder: Path) -> None:
    """Write down what the script trains with, once it imports that."""
    when_imported("keras", _keras(folder))
    for module, name in OTHERS.items():
        when_imported(module, _other(folder, name))


def reason(folder: Path) -> str | None:
    """Return why nothing was recorded, None where that has other reasons."""
    try:
        return (folder / FILE).read_text(encoding="utf-8")
    except OSError:
        return None


def _keras(folder: Path) -> Callable[[ModuleType], None]:
    def came(keras: ModuleType) -> None:
        backend = keras.config.backend()
        if backend != "torch":
            (folder / FILE).write_text(
                f"Keras computes with {backend} here, of which nothing is recorded; set KERAS_BACKEND=torch"
                " (in the environment, or in the script before keras is imported) and run it again",
                encoding="utf-8",
            )

    return came


def _other(folder: Path, name: str) -> Callable[[ModuleType], None]:
    def came(module: ModuleType) -> None:
        if not (folder / FILE).exists():
            (folder / FILE).write_text(
                f"the script imports {name}, of which nothing is recorded: only what torch trains is, and Keras"
                " on torch (KERAS_BACKEND=torch)",
                encoding="utf-8",
            )

    return came
