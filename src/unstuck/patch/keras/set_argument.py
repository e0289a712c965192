"""Settings of the optimizer: in its own call, or where ``compile`` names it by a string."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from unstuck.core.edits import SetArgument
from unstuck.patch.edits.set_argument import set_arguments as in_call
from unstuck.patch.keras import spoken
from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions, fold
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

WORDS = {"lr": "learning_rate", "eps": "epsilon"}
"""Torch's names of settings -> Keras'."""

CLASSES = {
    "sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "adagrad": "Adagrad", "nadam": "Nadam",
    "adamax": "Adamax", "adadelta": "Adadelta", "ftrl": "Ftrl", "lion": "Lion",
}  # fmt: skip
"""Names that ``compile`` takes -> classes in keras.optimizers."""


def set_arguments(files: Files, edits: Sequence[SetArgument]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    return [part for edit in edits for part in _set(files, edit)]


def _set(files: Files, edit: SetArgument) -> Iterator[Splice | Demand]:
    source = files.source(edit.call.file)
    compiled = spoken.method(source, edit.call.line, "compile")
    built = [c for c in calls.on_line(source, edit.call.line) if _builds(c)]
    word = WORDS.get(edit.keyword, edit.keyword)
    if built:
        place = 0 if edit.keyword == "lr" else None
        name = calls.names(built[0])[-1]
        yield from in_call(
            files, [dataclasses.replace(edit, function=name, keyword=word, position=place)]
        )
    elif compiled is not None:
        yield from _by_name(files, compiled, word, edit)
    else:
        yield from in_call(files, [edit])


def _builds(call: Spot) -> bool:
    return any(name in CLASSES.values() for name in calls.names(call))


def _by_name(files: Files, compiled: Spot, word: str, edit: SetArgument) -> Iterator[Splice]:
    """Build the optimizer that ``compile`` was given the name of."""
    given = calls.argument(compiled, "optimizer", 0)
    name = "rmsprop" if given is None else fold.folded(files, given)
    if not isinstance(name, str) or name.lower() not in CLASSES:
        ends = [] if given is None else definitions.terminals(files, given)
        if len(ends) == 1 and isinstance(ends[0], Spot) and given is not None:
            name = fold.folded(files, ends[0])
    if not isinstance(name, str) or name.lower() not in CLASSES:
        raise Unpatchable(f"which optimizer is compiled at {edit.call} is not visible")
    text, imports = spoken.named(compiled.source, "optimizers", CLASSES[name.lower()])
    yield from imports
    made = f"{text}({word}={written(edit.value)})"
    if given is None:
        yield calls.added(compiled, f"optimizer={made}")
    else:
        yield Splice(compiled.source.path, *compiled.source.span(given.node), made)
