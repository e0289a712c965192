"""The examination: scripts written without knowledge of the rules, and how many were judged rightly.

`python -m tests.exam [name …]` prints a line for each script and the marks at the end. A sick script
is *right* if its causes are one of the acceptable sets, *missed* if none was proved, *partly* if some
of a set were, *wrong* if a cause was named that is in no set.
"""

from __future__ import annotations

import collections
import os
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from tests.casebook.diagnosed import causes, diagnosed

from unstuck.rules import rules

HERE = Path(__file__).parent
TRUTH: dict[str, dict[str, Any]] = tomllib.loads((HERE / "truth.toml").read_text())

ANSWERS = {rule.name for rule in rules() if rule.answer}


def mark(report: dict[str, Any], truth: dict[str, Any] | None) -> str:
    """Return the mark of one report; truth: None for a healthy script."""
    named = causes(report)
    if truth is None:
        return "false alarm" if named else "right"
    sets = [set(names) for names in truth["causes"]]
    if named & set(truth["never"]) or not named <= set().union(*sets):
        return "wrong"
    if not truth["repair"] or all(names <= ANSWERS for names in sets):  # an answer is a note
        noted = {finding["name"] for finding in report["findings"]}
        return "right" if any(names <= noted for names in sets) and not named else "missed"
    if named in sets:
        return "right"
    return "partly" if named else "missed"


def sat(script: Path, truth: dict[str, Any] | None) -> str:
    """Run one script, print its line, return its mark."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            report = diagnosed(script, Path(folder))
        except AssertionError as error:
            print(f"failed       {script.name}: {str(error)[-200:]}")
            return "failed"
    found = mark(report, truth)
    wanted = " or ".join("+".join(names) for names in truth["causes"]) if truth else "nothing"
    suspects = [one["name"] for one in report["findings"] if one["role"] != "note"]
    said = "+".join(sorted(causes(report))) or f"nothing ({', '.join(suspects)})"
    print(f"{found:<12} {script.name:<26} {report['verdict']:<8} {said}; true: {wanted}", flush=True)
    return found


def main(names: list[str]) -> None:
    """Sit the examination, or the part of it that was named."""
    os.environ.setdefault("KERAS_BACKEND", "torch")  # many scripts leave it to the environment
    marks: dict[str, collections.Counter[str]] = {}
    for kind in ("sick", "healthy"):
        scripts = [
            path
            for path in sorted((HERE / kind).glob("*.py"))
            if not names or path.stem in names or kind in names
        ]
        marks[kind] = collections.Counter(
            sat(path, TRUTH[path.name] if kind == "sick" else None) for path in scripts
        )
    for kind, counted in marks.items():
        print(f"{kind}: {', '.join(f'{count} {what}' for what, count in counted.most_common())}")


if __name__ == "__main__":
    main(sys.argv[1:])
