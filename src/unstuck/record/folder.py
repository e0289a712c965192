"""A recording on disk: ``recording.json`` and ``arrays.npz``, open, versioned and free of pickle.

Opening a stranger's recording runs none of their code. Both files are replaced whole, so that a
reader, or a run that is killed, never meets half of one.
"""

from __future__ import annotations

import io
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

    text = msgspec.json.encode(recording, enc_hook=keep)
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    _replace(place / "arrays.npz", packed.getbuffer())
    _replace(place / "recording.json", text)


def _replace(path: Path, content: bytes | memoryview) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(content)
    os.replace(part, path)


def load(folder: Path) -> Recording:
    """Read the recording in ``folder/recording``. Raises Unreadable with one sentence."""
    place = folder / NAME
    try:
        plain = msgspec.json.decode((place / "recording.json").read_bytes())
        with np.load(place / "arrays.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise Unreadable(f"{folder} holds no recording: {error.filename} is missing") from error
    except (ValueError, OSError, msgspec.DecodeError) as error:
        raise Unreadable(f"the recording in {folder} is damaged: {error}") from error
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
    except (msgspec.ValidationError, KeyError) as error:
        raise Unreadable(f"the recording in {folder} is damaged: {error}") from error
