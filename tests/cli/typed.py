"""Types commands as a user would, in a process of their own or in this one."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """\
import sys
print("out of the script", sys.argv[1:])
print("err of the script", file=sys.stderr)
"""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UNSTUCK", "NO_COLOR", "FORCE_COLOR", "LC_", "PYTHON"))
    }
    return {**kept, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", **more}


def unstuck(*args: str, cwd: Path, env: dict[str, str] | None = None, stdin: str = "") -> Answer:
    """Run `unstuck` with these words in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "unstuck", *args],
        cwd=cwd,
        env=environment(**(env or {})),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
