"""Runs `unstuck run --json` on a script as a user does, and marks what it says by what is true.

A cause is *true* if it names a fault that matters. Any other is an *other* cure if the diagnosis' own
patch makes the script learn, and the true causes alone would not; *unshown* if there is no patch that
could be run; *wrong* otherwise, and on a healthy script always.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from unstuck.casebook.planted.trained import Broken, Runs
from unstuck.casebook.planted.truth import Case

NAME = "train.py"

COUNTED = """
import atexit, pathlib
from unstuck.cli import main
from unstuck.trial.laboratory import Laboratory
run, known = Laboratory.run, {}
def counted(self, changes, members, rates, steps=None):
    result = run(self, changes, members, rates, steps)
    if result is not None:
        known[id(result)] = (result, len(rates))
    return result
Laboratory.run = counted
atexit.register(lambda: pathlib.Path("arms").write_text(str(sum(n for _, n in known.values()))))
main()
"""
"""The command line as it is, which besides writes how many settings (changes and a rate) it trained."""


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What the diagnosis said. arms: the settings that it trained; failed: its last words, if it did."""

    report: dict[str, Any]
    arms: int
    seconds: float
    failed: str = ""


def told(text: str, budget: int) -> Told:
    """Diagnose a script of this text in a folder of its own."""
    command = [sys.executable, "-c", COUNTED, "run", "--json", "out.json", "--budget", str(budget)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / NAME).write_text(text)
        began = time.perf_counter()
        ran = subprocess.run(
            [*command, NAME],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
        if ran.returncode or not (folder / "out.json").exists():
            return Told({}, 0, seconds, ran.stderr[-2000:] or f"ended with {ran.returncode}")
        report = json.loads((folder / "out.json").read_text())
        arms = folder / "arms"
        return Told(report, int(arms.read_text()) if arms.exists() else 0, seconds)


def patched(text: str, diff: str) -> str:
    """Return the text with the diff applied."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / NAME).write_text(text)
        subprocess.run(["git", "apply", "-p1", "-"], cwd=place, input=diff, text=True, check=True)
        return (Path(place) / NAME).read_text()


def cured(case: Case, report: dict[str, Any]) -> str:
    """Return what the prescription's patch did: cured, not cured, broken, or no patch."""
    diff = (report.get("prescription") or {}).get("diff")
    if not diff:
        return "no patch"
    text, script = patched(case.script.text, diff), case.script
    runs = Runs(either_unit=True)
    try:
        return (
            "cured" if runs.learned(text, script.names.net, script.kind, case.goal) else "not cured"
        )
    except Broken as error:
        return f"broken: {error}"


def sorted_causes(case: Case, named: set[str], cure: str) -> dict[str, list[str]]:
    """Return the named causes by what they are: true, other, unshown or wrong."""
    found = true_faults(case, named)
    true = [name for name in named if _meant(case, name)]
    rest = sorted(named - set(true))
    enough = any(set(one) <= found for one in case.sets)
    kind = "wrong"
    if case.sick and not enough and cure == "cured":
        kind = "other"
    elif case.sick and not enough and cure == "no patch":
        kind = "unshown"
    return {"true": sorted(true), kind: rest} if rest else {"true": sorted(true)}


def true_faults(case: Case, named: set[str]) -> set[str]:
    """Return the planted faults that matter and were named."""
    return {key for name in named for key in _meant(case, name)}


def _meant(case: Case, name: str) -> set[str]:
    """Return the planted faults that matter of which this is a name."""
    return {f.key for f in case.planted if name in f.names and f.key in case.matter}


def mark(case: Case, named: set[str], kinds: dict[str, list[str]], cure: str) -> str:
    """Return the mark, as in the examination.

    *Other cure*: the patch cures, but by a cause that was not planted, or by mending only some of the
    faults of a set (other than they were made: of another width, say, a network learns in spite of them).
    """
    if not case.sick:
        return "false alarm" if named else "right"
    if kinds.get("wrong") or kinds.get("unshown"):
        return "wrong"
    if kinds.get("other"):
        return "other cure"
    found = true_faults(case, named)
    if found in [set(one) for one in case.sets]:
        return "right"
    if cure == "cured" and any(found < set(one) for one in case.sets):
        return "other cure"
    return "partly" if named else "missed"


def hits(case: Case, named: set[str]) -> tuple[int, int]:
    """Return how many faults of the minimal set that fits best were named, and how many it has."""
    found = true_faults(case, named)
    best = max(case.sets, key=lambda one: (len(set(one) & found) / max(1, len(one)), -len(one)))
    return len(set(best) & found), len(best)


def findings(
    case: Case, report: dict[str, Any], kinds: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """Return every finding with its confidence and whether it is a true cause, or one of another cure."""
    right = {*kinds["true"], *kinds.get("other", ())}
    return [
        {
            "name": one["name"],
            "role": one["role"],
            "confidence": one["confidence"],
            "true": one["name"] in right or bool(_meant(case, one["name"])),
            "because": one["because"],
        }
        for one in report["findings"]
    ]
