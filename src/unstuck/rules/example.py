"""The example in a rule's page: one diff block that is documentation, test and ground truth at once.

Lines that begin with ``-`` exist only in the sick script, lines that begin with ``+`` only in the
healthy one, all others in both. A number that is searched for is written ``<name>`` on a ``+`` line,
and ``<name=value>`` where it gets the value that the healthy script is run with.
"""

from __future__ import annotations

import dataclasses
import re
import textwrap

HEADINGS = (
    "What happens",
    "Why it stops learning",
    "When it is fine",
    "How it is proved",
    "Example",
    "References",
)
"""The headings of every page, in order."""

BLOCK = re.compile(r"^```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOLE = re.compile(r"<([a-z_]+)(?:=([^<>\s]+))?>")
NUMBER = r"[-+]?[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?"


class BadPage(ValueError):
    """A page is not as every page is; the message says in what."""


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """A sick script, the healthy one, and what a correctly patched script looks like.

    pattern: matches the whole of the healthy script, with any number where one is searched for.
    """

    sick: str
    healthy: str
    pattern: re.Pattern[str]


def sections(page: str) -> dict[str, str]:
    """Return the text under each heading of a page, in order; what precedes them is under ""."""
    pieces = re.split(r"^## (.+)$", textwrap.dedent(page).strip(), flags=re.MULTILINE)
    bodies = [piece.strip() for piece in pieces[2::2]]
    return {"": pieces[0].strip(), **dict(zip(pieces[1::2], bodies, strict=True))}


def example(page: str) -> Example:
    """Return the example in a rule's page."""
    blocks = BLOCK.findall(page)
    if len(blocks) != 1:
        raise BadPage(f"a page has one diff block; this one has {len(blocks)}")
    lines = blocks[0].splitlines()
    sick = [line[1:] for line in lines if not line.startswith("+")]
    healthy = [line[1:] for line in lines if not line.startswith("-")]
    marked = [line[1:] if line.startswith("+") else None for line in lines if line[:1] != "-"]
    values = {name: value for line in marked if line for name, value in HOLE.findall(line) if value}
    filled = [
        _filled(line, values) if mark else line for line, mark in zip(healthy, marked, strict=True)
    ]
    pattern = _pattern(healthy, [mark is not None for mark in marked])
    return Example("\n".join(sick) + "\n", "\n".join(filled) + "\n", pattern)


def _filled(line: str, values: dict[str, str]) -> str:
    def value(hole: re.Match[str]) -> str:
        if hole[1] not in values:
            raise BadPage(f"<{hole[1]}> is given no value to run with")
        return values[hole[1]]

    return HOLE.sub(value, line)


def _pattern(lines: list[str], added: list[bool]) -> re.Pattern[str]:
    seen: set[str] = set()
    return re.compile(
        "\n".join(
            _line_pattern(line, seen) if new else re.escape(line)
            for line, new in zip(lines, added, strict=True)
        )
        + r"\n?\Z"
    )


def _line_pattern(line: str, seen: set[str]) -> str:
    """Return a regular expression for one added line; a number named twice is the same number."""
    pieces, end = [], 0
    for hole in HOLE.finditer(line):
        pieces.append(re.escape(line[end : hole.start()]))
        pieces.append(f"(?P={hole[1]})" if hole[1] in seen else f"(?P<{hole[1]}>{NUMBER})")
        seen.add(hole[1])
        end = hole.end()
    return "".join([*pieces, re.escape(line[end:])])
