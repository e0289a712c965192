"""An exercise's answer as a file that nobody reads by accident; `open_` gives the exercise back.

It is packed, not encrypted: whoever wants to cheat can, and whoever opens the file by mistake has seen nothing.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import textwrap
import zlib
from pathlib import Path
from typing import Any

from unstuck.casebook.planted.exercise import Exercise, Fault, Shown

FIRST = "The sealed answer of an exercise: unstuck case check opens it."
SCHEMA = 1
ENDING = ".sealed"


class Unsealable(ValueError):
    """This file holds no answer of ours; the message says so."""


def beside(script: Path) -> Path:
    """Return where the answer of a script lies."""
    return script if script.suffix == ENDING else script.with_suffix(ENDING)


def seal(task: Exercise) -> str:
    """Return the answer as text."""
    told = json.dumps({"schema": SCHEMA, **dataclasses.asdict(task)})
    packed = base64.b64encode(zlib.compress(told.encode(), 9)).decode()
    return "\n".join([FIRST, *textwrap.wrap(packed, 100), ""])


def open_(text: str) -> Exercise:
    """Return the exercise that was sealed; raises `Unsealable`."""
    first, _, packed = text.partition("\n")
    try:
        if first != FIRST:
            raise ValueError
        told = json.loads(zlib.decompress(base64.b64decode("".join(packed.split()))))
        if told.pop("schema") != SCHEMA:
            raise ValueError
        return Exercise(
            **{
                **told,
                "faults": tuple(Fault(**_tuples(one)) for one in told["faults"]),
                "shown": tuple(Shown(**_tuples(one)) for one in told["shown"]),
            }
        )
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise Unsealable("it is no sealed answer, or not a whole one") from error


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}
