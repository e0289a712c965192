"""Elements of SVG and HTML as text in which every word of somebody else's is escaped."""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Iterable

from markupsafe import Markup, escape

Child = str | Markup
Value = str | float | None
Point = tuple[float, float]

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}  # controls, formats (bidirectional ones too), surrogates
KEPT = {"\n", "\t", "\r"}


def shown(text: str) -> str:
    """Return text that every reader can take: what has no shape is spelled as its number.

    Half a surrogate pair cannot be written to a file, a control is forbidden in XML, and a sign that
    turns the direction of writing makes source look like what it is not.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _has_shape(c) else f"\\u{{{ord(c):x}}}" for c in text)


def _has_shape(character: str) -> bool:
    return character in KEPT or unicodedata.category(character) not in HIDDEN


def element(name: str, *children: Child, **attributes: Value) -> Markup:
    """Return ``<name …>children</name>``; plain strings are escaped, `_` in a name of an attribute is `-`."""
    given = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(_child(child) for child in children)
    return Markup(f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>")


def group(children: Iterable[Child], **attributes: Value) -> Markup:
    """Return a ``<g>`` with these children."""
    return element("g", *children, **attributes)


def _child(child: Child) -> Markup:
    return child if isinstance(child, Markup) else escape(shown(child))


def _value(value: Value) -> str:
    if isinstance(value, float):
        return _short(value)
    return shown(str(value))


def _short(value: float) -> str:
    """A tenth of a pixel is as much as anybody sees."""
    if not math.isfinite(value):
        return "0"
    return f"{value:.1f}".removesuffix(".0")


def path(points: Iterable[Point], *, closed: bool = False) -> str:
    """Return the ``d`` of a line through these points."""
    pieces = [f"{_short(x)} {_short(y)}" for x, y in points]
    return ("M" + "L".join(pieces) + ("Z" if closed else "")) if pieces else ""


def steps(points: list[Point]) -> str:
    """Return the ``d`` of a line that stays at a height until the next point."""
    bent = points[:1]
    for (_, before), (x, y) in itertools.pairwise(points):
        bent += [(x, before), (x, y)]
    return path(bent)
