"""The few signs that a drawing needs, in Unicode or in plain ASCII, and text that keeps to either."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Marks:
    """Signs of a drawing: `line` leads to a `rung`, `thick` to the `run`, `goal` is where to get.

    blocks: signs of a sparkline, from the lowest up; unknown: what is no number in one.
    """

    line: str
    thick: str
    rung: str
    run: str
    goal: str
    beyond: str
    more: str
    dot: str
    blocks: str
    unknown: str


UNICODE = Marks(
    line="─",
    thick="━",
    rung="●",
    run="◆",
    goal="○",
    beyond="▶",
    more="…",
    dot="·",
    blocks="▁▂▃▄▅▆▇█",
    unknown="×",
)
ASCII = Marks(
    line="-",
    thick="=",
    rung="o",
    run="#",
    goal="*",
    beyond=">",
    more="...",
    dot="-",
    blocks="_.-=+*#@",
    unknown="?",
)

PLAIN = {"…": "...", "–": "-", "—": "-", "−": "-", "·": ".", "×": "x", "≤": "<=", "≥": ">=", "→": "->",
         "’": "'", "‘": "'", "“": '"', "”": '"', "λ": "lambda", "σ": "sigma", "≈": "~", "√": "sqrt"}  # fmt: skip


def marks_for(encoding: str | None, environment: Mapping[str, str]) -> Marks:
    """Choose the marks that a stream of this encoding, in this locale, can show."""
    if _asks_for_ascii(environment):
        return ASCII
    try:
        "".join(_signs(UNICODE)).encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return ASCII
    return UNICODE


def _asks_for_ascii(environment: Mapping[str, str]) -> bool:
    """Whether the locale is C: python coerces that to UTF-8, and says so in LC_CTYPE (PEP 538)."""
    if "LC_ALL" in environment:
        return environment["LC_ALL"] in {"C", "POSIX"}
    coerced = environment.get("LC_CTYPE") in {None, "C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8"}
    return environment.get("LANG") in {"C", "POSIX"} and coerced


def _signs(marks: Marks) -> tuple[str, ...]:
    return dataclasses.astuple(marks)


def plain(text: str, marks: Marks) -> str:
    """Return text in what these marks allow: unchanged, or as near to it as ASCII comes."""
    if marks is not ASCII or text.isascii():
        return text
    spelled = "".join(PLAIN.get(character, character) for character in text)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "replace").decode("ascii")


def cropped(text: str, width: int, marks: Marks) -> str:
    """Return text cut to `width` columns, with a sign that there was more."""
    if len(text) <= width:
        return text
    return text[: max(0, width - len(marks.more))].rstrip() + marks.more
