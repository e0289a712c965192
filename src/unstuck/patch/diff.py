"""The unified diff of a patch, in the form that `git apply` and `patch -p1` take."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

CONTEXT = 3
NO_NEWLINE = "\\ No newline at end of file\n"


def unified(name: str, old: str, new: str) -> str:
    """Return the diff of one file; lines end where ``\\n`` ends them, as git sees it.

    name: the path behind ``a/`` and ``b/``, with forward slashes.
    """
    before, after = old.split("\n"), new.split("\n")
    a = [line + "\n" for line in before[:-1]] + ([before[-1]] if before[-1] else [])
    b = [line + "\n" for line in after[:-1]] + ([after[-1]] if after[-1] else [])
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    hunks = "".join(_hunk(a, b, group) for group in matcher.get_grouped_opcodes(CONTEXT))
    end = "\t\n" if " " in name else "\n"  # a tab ends a name that holds spaces
    return f"--- a/{name}{end}+++ b/{name}{end}{hunks}" if hunks else ""


def _hunk(a: list[str], b: list[str], group: list[tuple[str, int, int, int, int]]) -> str:
    head = f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@\n"
    return head + "".join(_lines(a, b, group))


def _lines(
    a: list[str], b: list[str], group: list[tuple[str, int, int, int, int]]
) -> Iterator[str]:
    for tag, a_start, a_end, b_start, b_end in group:
        if tag == "equal":
            yield from (_line(" ", line) for line in a[a_start:a_end])
            continue
        yield from (_line("-", line) for line in a[a_start:a_end])
        yield from (_line("+", line) for line in b[b_start:b_end])


def _line(mark: str, line: str) -> str:
    return mark + line if line.endswith("\n") else f"{mark}{line}\n{NO_NEWLINE}"


def _range(start: int, end: int) -> str:
    """Return a range of lines as hunk headers count them: from 1; an empty one after line `start`."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
