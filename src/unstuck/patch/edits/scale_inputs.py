"""Standardised inputs: before the rows go anywhere, or else inside the network."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import ScaleInputs
from unstuck.patch.edits import scale_in_model
from unstuck.patch.edits.scaled import Unreachable, insertion, raw_use, scaled, statistics, visible
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import network, rows
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.network import Run
from unstuck.patch.trace.rows import Feed
from unstuck.patch.trace.spot import Spot

FRESH_NAMES = ("x", "inputs", "rows", "features", "x_all")
"""Names for rows that have none, the first that is free."""


def scale_inputs(files: Files, edits: Sequence[ScaleInputs]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _scale(files, edit)]


def _scale(files: Files, edit: ScaleInputs) -> list[Splice]:
    run = network.on_line(files, edit.forward.file, edit.forward.line)
    runs = network.every(files, run)
    found = rows.feeds(files, run.rows)
    named = [
        feed
        for feed in found
        if feed.root is not None and not is_list(files, feed.root) and not of_a_batch(feed.root)
    ]
    named.sort(key=lambda feed: "train" not in feed.root.code.lower() if feed.root else True)
    inline = [feed for feed in found if feed.dataset and feed not in named]
    try:
        if named:
            return list(_at_name(files, edit, run, runs, named[0]))
        if inline:
            return list(_at_dataset(files, edit, runs, inline[0]))
    except Unreachable:
        pass
    return scale_in_model.scale_in_model(files, edit, run, runs)


STEPS = frozenset({"training_step", "train_step"})
"""Methods of Lightning's and Keras' modules that are given one batch, of which no statistics are taken."""


def of_a_batch(root: Spot) -> bool:
    """Whether rows are one batch that a Trainer hands out."""
    function = root.source.function(root.node)
    return function is not None and function.name.value in STEPS


def is_list(files: Files, root: Spot) -> bool:
    """Whether the rows are visibly a list, which has no mean."""
    return any(
        isinstance(value.node, cst.List | cst.ListComp | cst.Tuple)
        for value in rows.values(files, root)
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    """What the statistics are called."""

    mean: str
    spread: str

    def applied(self, text: str) -> str:
        """Return the standardised expression."""
        return f"({text} - {self.mean}) / {self.spread}"


def names(source: Source, rows_name: str) -> Names:
    """Return names for the statistics that the file does not use yet."""
    taken = {node.value for node in source.all(cst.Name)}
    suffix = next(s for s in ("", "_", "0", "1", "2") if f"{rows_name}_mean{s}" not in taken)
    return Names(f"{rows_name}_mean{suffix}", f"{rows_name}_std{suffix}")


def _at_name(
    files: Files, edit: ScaleInputs, run: Run, runs: Sequence[Run], main: Feed
) -> Iterator[Splice]:
    """Standardise the variable that holds the rows, once, before they are used."""
    assert main.root is not None
    root, source = main.root, main.root.source
    name = root.code
    fed = {other: rows.feeds(files, other.rows) for other in runs}
    place = insertion(files, main, [f for feeds in fed.values() for f in feeds])
    called = names(source, name)
    lines = [statistics(files, edit, main, called.mean, called.spread)]
    if raw_use(files, main, run, runs, place):
        splices = _wrapped(runs, root, place, called)
    else:
        lines.append(f"{name} = {called.applied(name)}")
        splices = _others(fed, main, place, called)
    yield from statements.behind(source, place, lines)
    yield from splices


def _wrapped(runs: Sequence[Run], root: Spot, place: cst.CSTNode, called: Names) -> list[Splice]:
    """Standardise at each run of the network, where the rows themselves are needed as they are."""
    found: list[Splice] = []
    for run in runs:
        if not visible(run.rows, root, place):
            raise Unreachable
        if not _earlier(run.rows, root, place):
            found += scaled(run.rows, called.mean, called.spread)
    return found


def _others(
    fed: dict[Run, list[Feed]], main: Feed, place: cst.CSTNode, called: Names
) -> list[Splice]:
    """Standardise what else the network is given: rows that do not come from the same variable."""
    assert main.root is not None
    found: list[Splice] = []
    for run, feeds in fed.items():
        for feed in feeds:
            if feed.rooted(main) or _earlier(feed.entry, main.root, place):
                continue
            if feed.entry == run.rows and len(feeds) > 1:
                raise Unreachable
            if not visible(feed.entry, main.root, place):
                raise Unreachable
            found += scaled(feed.entry, called.mean, called.spread)
    return found


def _earlier(spot: Spot, root: Spot, place: cst.CSTNode) -> bool:
    """Whether an expression is evaluated before the rows are standardised."""
    source = spot.source
    if source is not root.source or source.function(spot.node) is not source.function(place):
        return False
    return source.span(spot.node)[0] < source.span(place)[1]


def _at_dataset(
    files: Files, edit: ScaleInputs, runs: Sequence[Run], main: Feed
) -> Iterator[Splice]:
    """Give rows that a data set is built from a name, and standardise them there."""
    entry, source = main.entry, main.entry.source
    statement = statements.of(source, entry.node)
    if not statements.alone(source, statement):
        raise Unreachable
    name = _fresh(source, statement)
    called = names(source, name)
    root = dataclasses.replace(main, root=entry)
    for run in runs:
        for feed in rows.feeds(files, run.rows):
            if feed.entry != entry:
                if not visible(feed.entry, entry, statement) or (
                    feed.entry == run.rows and len(rows.feeds(files, run.rows)) > 1
                ):
                    raise Unreachable
                yield from scaled(feed.entry, called.mean, called.spread)
    text = f"({entry.code})" if "\n" in entry.code else entry.code
    lines = [f"{name} = {text}", statistics(files, edit, root, called.mean, called.spread, name)]
    yield from statements.before(source, statement, lines)
    yield Splice(source.path, *source.span(entry.node), called.applied(name))


def _fresh(source: Source, statement: cst.CSTNode) -> str:
    """Return a name that is not used in the scope of a statement."""
    function = source.function(statement)
    used = {node.value for node in source.all(cst.Name) if source.function(node) is function}
    return next(name for name in FRESH_NAMES if name not in used)
