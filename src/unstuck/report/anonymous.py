"""A diagnosis that can be shown to strangers: neither paths nor lines of source are left in it.

Names of layers and what was measured stay: without them there would be nothing to talk about.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import Finding
from unstuck.report.source import Source

SCRIPT = "script.py"
PATH = re.compile(r"""(?<![\w.])(?:[A-Za-z]:\\|~?/|\.{1,2}/)[^\s'"<>|:;,)]+""")
FILE = re.compile(r"""[^\s'"<>|:;,()]+\.(?:pyw?|ipynb)\b""")

Scrub = Callable[[str], str]


def anonymous(diagnosis: Diagnosis, source: Source) -> tuple[Diagnosis, Source]:
    """Return the diagnosis without paths, source or patch, and a source that has no lines to quote."""
    names = _names(diagnosis, source)
    scrubbed: Diagnosis = _scrubbed(diagnosis, _scrub(names))
    chosen = scrubbed.prescription
    told = dataclasses.replace(
        scrubbed,
        script=SCRIPT,
        run_folder="",
        prescription=None if chosen is None else dataclasses.replace(chosen, patch=None),
    )
    return told, Source((SCRIPT,), source.folder, frozenset(names.values()))


def scrubber(diagnosis: Diagnosis, source: Source) -> Scrub:
    """Return what takes the names of files, and whatever looks like a path, out of other texts about this run."""
    return _scrub(_names(diagnosis, source))


def _names(diagnosis: Diagnosis, source: Source) -> dict[str, str]:
    """Return every file that is named -> what it is called instead."""
    files = [diagnosis.script]
    files += [finding.where.file for finding in diagnosis.findings if finding.where is not None]
    files += list(_patched(diagnosis))
    distinct = dict.fromkeys(PurePath(file).name for file in files if file)
    called = {
        name: SCRIPT if index == 0 else f"file{index + 1}.py" for index, name in enumerate(distinct)
    }
    return {file: called[PurePath(file).name] for file in files if file}


def _patched(diagnosis: Diagnosis) -> tuple[str, ...]:
    chosen = diagnosis.prescription
    return () if chosen is None or chosen.patch is None else tuple(chosen.patch.files)


def _scrub(names: dict[str, str]) -> Scrub:
    """Return what replaces known files by their new names, and whatever else looks like a path."""
    known = {os.path.abspath(file): name for file, name in names.items()} | names
    known |= {PurePath(file).name: name for file, name in names.items()}
    longest = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest)) or r"(?!)")

    def scrub(text: str) -> str:
        pieces, end = [], 0
        for match in pattern.finditer(text):
            pieces += [_pathless(text[end : match.start()]), known[match[0]]]
            end = match.end()
        return "".join([*pieces, _pathless(text[end:])])

    return scrub


def _pathless(text: str) -> str:
    return FILE.sub("(file)", PATH.sub("(path)", text))


def _scrubbed(value: Any, scrub: Scrub) -> Any:
    """Return a record with every text in it scrubbed."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, tuple):
        return tuple(_scrubbed(inner, scrub) for inner in value)
    if isinstance(value, dict):
        return {key: _scrubbed(inner, scrub) for key, inner in value.items()}
    if isinstance(value, Finding):
        value = dataclasses.replace(value, remedies=())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value))
        return dataclasses.replace(
            value, **{name: _scrubbed(getattr(value, name), scrub) for name in fields}
        )
    return value
