"""A recording on disk: ``recording.json`` and ``arrays.npz``, open, versioned and free of pickle.

Opening a stranger's recording runs none of their code. Both files are replaced whole, so that a
reader, or a run that is killed, never meets half of one.
"""

from __future__ import annotations

import io
import math
import os
from pathlib import Path
from typing import Any, get_origin

import msgspec
import numpy as np

from unstuck.core.recording import SCHEMA, Recording

NAME = "recording"


class Unreadable(ValueError):
    """The folder holds no recording that this version can read; the message says why."""


def save(recording: Recording, folder: Path) -> None:
    """Write the recording into ``folder/recording``."""
    place = folder / NAME
    place.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray[Any, Any]] = {}

    def keep(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            name = f"a{len(arrays)}"
            arrays[name] = value
            return {"array": name}
        raise NotImplementedError(f"cannot save a {type(value).__name__}")

    text = msgspec.json.encode(_written(msgspec.to_builtins(recording, enc_hook=keep)))
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    _replace(place / "arrays.npz", packed.getbuffer())
    _replace(place / "recording.json", text)


def _written(value: Any) -> Any:
    """Write the floats that JSON lacks as ``{"number": "nan"}``."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": repr(value)}
    if isinstance(value, dict):
        return {key: _written(inner) for key, inner in value.items()}
    return [_written(inner) for inner in value] if isinstance(value, list | tuple) else value


def _read(value: Any) -> Any:
    """Undo `_written`."""
    if isinstance(value, dict):
        if value.keys() == {"number"}:
            return float(value["number"])
        return {key: _read(inner) for key, inner in value.items()}
    return [_read(inner) for inner in value] if isinstance(value, list) else value


def _replace(path: Path, content: bytes | memoryview) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(content)
    os.replace(part, path)


def load(folder: Path) -> Recording:
    """Read the recording in ``folder/recording``. Raises Unreadable with one sentence."""
    place = folder / NAME
    try:
        plain = _read(msgspec.json.decode((place / "recording.json").read_bytes()))
        packed = io.BytesIO((place / "arrays.npz").read_bytes())
        with np.load(packed, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise Unreadable(f"{folder} holds no recording: {error.filename} is missing") from error
    except Exception as error:  # zipfile alone has half a dozen of its own for damaged files
        raise Unreadable(_damaged(folder, error)) from error
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema != SCHEMA:
        raise Unreadable(
            f"the recording in {folder} has version {schema}; this version of unstuck reads {SCHEMA}"
        )

    def fetch(kind: Any, value: Any) -> Any:
        if kind is np.ndarray or get_origin(kind) is np.ndarray:
            return arrays[value["array"]]
        raise NotImplementedError(f"cannot read a {kind}")

    try:
        return msgspec.convert(plain, Recording, dec_hook=fetch, strict=False)
    except (msgspec.ValidationError, LookupError, TypeError) as error:
        raise Unreadable(_damaged(folder, error)) from error


def _damaged(folder: Path, error: Exception) -> str:
    """Return one sentence about a file that cannot be read."""
    why = " ".join(str(error).split()) or type(error).__name__
    return f"the recording in {folder} is damaged: {why}"
