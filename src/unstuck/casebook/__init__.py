"""Real networks that did not learn, as their authors would have written them, and what is true of each.

Belongs here: `cases.toml`, the scripts beside it, and the reading of both. The scripts never import
unstuck. Standard library only.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import tomllib
from pathlib import Path

__all__ = ["Case", "UnknownCase", "case", "cases"]

FOLDER = Path(__file__).parent


class UnknownCase(LookupError):
    """No case has this name; the message gives the nearest ones."""


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """One case: its story, its script, and what a diagnosis must and must not say.

    causes: acceptable sets of causes; never: faults that must not be called causes; cure: the loss, in
    the script's own measure, that the patched script must reach; files: data that the script reads.
    """

    name: str
    title: str
    story: str
    script: Path
    verdict: str
    causes: tuple[frozenset[str], ...] = ()
    never: frozenset[str] = frozenset()
    cure: float | None = None
    files: tuple[Path, ...] = ()


@functools.cache
def cases() -> tuple[Case, ...]:
    """Return every case, in the order of the book."""
    with open(FOLDER / "cases.toml", "rb") as book:
        tables = tomllib.load(book)["case"]
    return tuple(
        Case(
            name=table["name"],
            title=table["title"],
            story=table["story"].strip(),
            script=FOLDER / table["script"],
            verdict=table["verdict"],
            causes=tuple(frozenset(names) for names in table.get("causes", [])),
            never=frozenset(table.get("never", [])),
            cure=table.get("cure"),
            files=tuple(FOLDER / file for file in table.get("files", [])),
        )
        for table in tables
    )


def case(name: str) -> Case:
    """Return the case with this name, in any case."""
    wanted = name.strip().lower().replace("_", "-").removesuffix(".py")
    by_name = {one.name: one for one in cases()}
    if wanted in by_name:
        return by_name[wanted]
    near = difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(by_name)}"
    raise UnknownCase(f"there is no case {name!r}; {hint}")
