"""Another probability of dropping: where the module is built, where the function is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import SetDropout
from unstuck.core.recording import Where
from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions, fold
from unstuck.patch.trace.demand import Demand, same
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

PLACES = {
    **dict.fromkeys(("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout",
                     "FeatureAlphaDropout"), 0),
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout",
                     "feature_alpha_dropout"), 1),
}  # fmt: skip
"""Module or function -> where p stands among its arguments."""

USUAL = 0.5  # torch's own p where none is given


def set_dropouts(files: Files, edits: Sequence[SetDropout]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    return [part for edit in edits for line in edit.lines for part in _set(files, edit, line)]


def _set(files: Files, edit: SetDropout, line: Where) -> Iterator[Splice | Demand]:
    source = files.source(line.file)
    every = [
        (c, n) for c in calls.on_line(source, line.line) for n in calls.names(c) if n in PLACES
    ]
    starting = [(c, n) for c, n in every if source.lines(c.node)[0] == line.line]
    found = [(c, _p(c, name)) for c, name in starting or every]
    wanted = [(c, p) for c, p in found if _worth(files, p, edit.old)] or found[:1]
    if not wanted:
        raise Unpatchable(f"no dropout is visible at {line}")
    for call, given in wanted:
        yield from _written(call, given, edit)


def _p(call: Spot, name: str) -> Spot | None:
    return calls.argument(call, "p", PLACES[name])


def _worth(files: Files, given: Spot | None, old: float) -> bool:
    """Whether the call drops with the probability that was seen at run time."""
    if given is None:
        return old == USUAL
    ends = definitions.terminals(files, given)
    return any(same(fold.folded(files, end), old) for end in ends)


def _written(call: Spot, given: Spot | None, edit: SetDropout) -> Iterator[Splice | Demand]:
    if given is not None:
        yield Demand(given, edit.old, edit.new)
        return
    assert isinstance(call.node, cst.Call)
    yield calls.added(call, f"p={written(edit.new)}")
