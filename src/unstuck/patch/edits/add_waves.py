"""Sine and cosine of waves beside the rows that a network is given: where the rows stand, before they go anywhere."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import AddWaves, Edit, Resize, ScaleInputs
from unstuck.patch.edits import resize
from unstuck.patch.edits.scale_inputs import is_list
from unstuck.patch.edits.scaled import Unreachable, insertion, is_numpy, raw_use, visible
from unstuck.patch.text import statements
from unstuck.patch.text.number import written
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import network, rows
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.network import Run
from unstuck.patch.trace.rows import Feed
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

WIDTH = 100
"""Columns beyond which a line is broken."""

AS_THEY_ARE = frozenset(
    {"to", "float", "double", "cuda", "cpu", "clone", "detach", "contiguous", "type", "requires_grad_",
     "from_numpy", "as_tensor", "tensor", "Tensor", "FloatTensor", "Variable", "asarray", "array", "astype",
     "float32", "type_as", "pin_memory"}
)  # fmt: skip
"""Calls between a variable and the network that leave the rows' axes as they are."""

HIDDEN = "the variable that holds the rows, as the network is given them, is not visible"


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where waves are put beside rows.

    feed: how the rows reach the network, with their variable; behind: the statement after which it is given
    them; fed: what reaches each run of the network; raw: the training also reads the rows as they are.
    way: the source between the variable and the network.
    """

    feed: Feed
    root: Spot
    behind: cst.CSTNode
    fed: dict[Run, list[Feed]]
    raw: bool
    way: str


@dataclasses.dataclass(frozen=True, slots=True)
class Library:
    """What the rows are an array of, torch or NumPy, and what the file calls it."""

    name: str
    numpy: bool


def add_waves(files: Files, edits: Sequence[AddWaves]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _add(files, edit)]


def settled(files: Files, edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits so that they suit each other.

    Waves of standardised inputs are counted in spreads; and a layer that takes as many inputs as the
    rows have, by their shape, is resized by them.
    """
    for edit in edits:
        if isinstance(edit, AddWaves):
            scales = [e for e in edits if isinstance(e, ScaleInputs)]
            new = _in_spreads(edit, scales[0]) if scales else edit
            place = _place(files, new)
            kept = [e for e in edits if not (isinstance(e, Resize) and _follows(files, e, place))]
            return [new if e is edit else e for e in kept]
    return list(edits)


def _in_spreads(edit: AddWaves, scale: ScaleInputs) -> AddWaves:
    waves = tuple(
        tuple(wave * spread for wave in along)
        for along, spread in zip(edit.waves, scale.spread, strict=True)
    )
    return dataclasses.replace(edit, waves=waves, scaled=True)


def _follows(files: Files, edit: Resize, place: Place) -> bool:
    """Whether the layer reads its number of inputs off the rows, after they have got their waves."""
    size = resize.found(files, edit).inputs
    source = place.root.source
    if size is None or edit.inputs[0] == edit.inputs[1] or size.source is not source:
        return False
    later = source.span(size.node)[0] > source.span(place.behind)[1]
    name = re.escape(place.root.code)
    return later and bool(re.fullmatch(rf"{name}\.(shape\[(1|-1)\]|size\((1|-1)\))", size.code))


def _place(files: Files, edit: AddWaves) -> Place:
    run = network.on_line(files, edit.forward.file, edit.forward.line)
    runs = network.every(files, run)
    feeds = [f for f in rows.feeds(files, run.rows) if f.root is not None]
    feeds = [f for f in feeds if f.root is not None and not is_list(files, f.root)]
    feeds.sort(key=lambda f: "train" not in f.root.code.lower() if f.root else True)
    if not feeds or feeds[0].root is None or not _whole(feeds[0], run):
        raise Unpatchable(HIDDEN)
    main, root = feeds[0], feeds[0].root
    fed = {other: rows.feeds(files, other.rows) for other in runs}
    every = [f for one in fed.values() for f in one]
    try:
        behind = insertion(files, main, every, sizes=edit.scaled)
    except Unreachable:
        raise Unpatchable(HIDDEN) from None
    raw = raw_use(files, main, run, runs, behind)
    return Place(main, root, behind, fed, raw, f"{main.entry.code} {run.rows.code}")


def _whole(feed: Feed, run: Run) -> bool:
    """Whether nothing between the variable and the network changes the axes: rows may be chosen."""
    nodes = [(feed.entry.source, feed.entry.node), (run.rows.source, run.rows.node)]
    for source, node in nodes:
        for call in source.within(node, cst.Call):
            if dotted(call.func).rpartition(".")[2] not in AS_THEY_ARE and not _chosen(
                source, call
            ):
                return False
        for subscript in source.within(node, cst.Subscript):
            if len(subscript.slice) > 1 and not _chosen(source, subscript):
                return False
    return True


def _chosen(source: Source, node: cst.CSTNode) -> bool:
    """Whether this stands within the index of a subscript, as in ``x[torch.randint(0, n, (32,))]``."""
    return any(isinstance(around, cst.SubscriptElement) for around in source.ancestors(node))


def _add(files: Files, edit: AddWaves) -> Iterator[Splice]:
    place = _place(files, edit)
    source, name = place.root.source, place.root.code
    others = list(_others(place))
    if edit.scaled and (others or place.raw):
        raise Unpatchable(
            "rows are standardised and given waves in several places, which cannot be written at once"
        )
    taken = {node.value for node in source.all(cst.Name)}
    waves = next(w for w in ("waves", "frequencies", "wave_numbers") if w not in taken)
    library = _library(files, place)
    lines = _whole_numbers(place, library)
    lines += _numbers(place, edit, waves, library)
    if others or place.raw:
        helper = next(h for h in ("with_waves", "add_waves", "beside_waves") if h not in taken)
        made = [f"def {helper}(x):", *_joined("x", waves, library, start="    return ")]
        apart = [""] * 2 if source.function(place.behind) is None else []
        lines += [*apart, *made, *apart]
        lines += [] if place.raw else [f"{name} = {helper}({name})"]
        for spot in others:
            yield from wrap(source.path, source.span(spot.node), f"{helper}(", ")")
    else:
        lines += _joined(name, waves, library, start=f"{name} = ")
    yield from statements.behind(source, place.behind, lines)


def _others(place: Place) -> Iterator[Spot]:
    """Yield what else the network is given, or is given where the rows themselves stay as they are."""
    for run, feeds in place.fed.items():
        for spot in [run.rows] if place.raw else _foreign(place, run, feeds):
            if _earlier(spot, place):
                continue
            if not visible(spot, place.root, place.behind):
                raise Unpatchable(
                    f"the network is given {spot.code} where the waves cannot be read"
                )
            yield spot


def _foreign(place: Place, run: Run, feeds: list[Feed]) -> Iterator[Spot]:
    for feed in feeds:
        if not feed.rooted(place.feed):
            if feed.entry == run.rows and len(feeds) > 1:
                raise Unpatchable(HIDDEN)
            yield feed.entry


def _earlier(spot: Spot, place: Place) -> bool:
    """Whether an expression is evaluated before the rows get their waves."""
    source = spot.source
    if source is not place.root.source or source.function(spot.node) is not source.function(
        place.behind
    ):
        return False
    return source.span(spot.node)[0] < source.span(place.behind)[1]


def _library(files: Files, place: Place) -> Library:
    """Return what the rows are an array of, as the file knows it."""
    numpy = any(is_numpy(value) for value in rows.values(files, place.root))
    wanted = "numpy" if numpy else "torch"
    for alias in place.root.source.all(cst.ImportAlias):
        if dotted(alias.name) == wanted:
            named = alias.asname.name if alias.asname else None
            return Library(named.value if isinstance(named, cst.Name) else wanted, numpy)
    raise Unpatchable(f"{wanted} is not imported where the rows stand")


def _whole_numbers(place: Place, library: Library) -> list[str]:
    """Return the line that makes fractions of rows that are cast only where the network is given them."""
    name = place.root.code
    return [f"{name} = {name}.float()"] if ".float()" in place.way and not library.numpy else []


def _numbers(place: Place, edit: AddWaves, waves: str, library: Library) -> list[str]:
    """Return the lines that give the waves a name: a row of the matrix for each input."""
    source, name = place.root.source, place.root.code
    make, end = f"{library.name}.tensor", ""
    if library.numpy:
        cast = any(word in place.way for word in ("dtype=", ".float()", "Tensor(", ".astype("))
        make, end = f"{library.name}.array", "" if cast else f", dtype={name}.dtype"
    elif any(word in source.text for word in (".cuda(", "device", "double", "float64")):
        make = f"{name}.new_tensor"
    along = [f"[{', '.join(written(float(f'{w:.4g}')) for w in row)}]" for row in edit.waves]
    line = f"{waves} = {make}([{', '.join(along)}]{end})"
    if len(line) <= WIDTH:
        return [line]
    return [f"{waves} = {make}([", *(f"    {row}," for row in along), f"]{end})"]


def _joined(name: str, waves: str, library: Library, *, start: str) -> list[str]:
    """Return the statement that puts the waves beside the rows; start: what it begins with."""
    call, axis = ("concatenate", "axis") if library.numpy else ("cat", "dim")
    lib = library.name
    parts = f"[{name}, {lib}.sin({name} @ {waves}), {lib}.cos({name} @ {waves})], {axis}=1"
    if len(start) + len(f"{lib}.{call}()") + len(parts) <= WIDTH:
        return [f"{start}{lib}.{call}({parts})"]
    white = " " * (len(start) - len(start.lstrip()))
    return [f"{start}{lib}.{call}(", f"{white}    {parts}", f"{white})"]
