"""Runs a script as a user does, `unstuck run --json`, and returns what the report says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BUDGET = "120"  # seconds of proofs; twice the default, for slow machines
MEMBERS = "32"  # networks in a trial: half of the default, enough to tell 95 % from none
FIXED_DRAWS = str(Path(__file__).parents[1] / "fixed_draws")


def diagnosed(
    script: Path, folder: Path, *options: str, files: Sequence[Path] = ()
) -> dict[str, Any]:
    """Run a copy of the script, and of the files that it reads, in `folder`; return the JSON report."""
    copy = folder / script.name
    copy.write_bytes(script.read_bytes())
    for file in files:
        shutil.copy(file, folder)
    command = [sys.executable, "-m", "unstuck", "run", "--json", "out.json", "--budget", BUDGET]
    command += ["--members", MEMBERS]
    ran = subprocess.run(
        [*command, *options, copy.name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": FIXED_DRAWS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads((folder / "out.json").read_text())
    return found


def causes(report: dict[str, Any]) -> set[str]:
    return {finding["name"] for finding in report["findings"] if finding["role"] == "cause"}


def told(report: dict[str, Any]) -> str:
    """What a failing test should show."""
    lines = [report["sentence"]]
    lines += [f"{f['role']} {f['name']}: {f['because']}" for f in report["findings"]]
    lines += [f"not run {n['kind']} {n['name']}: {n['because']}" for n in report["not_run"]]
    return "\n".join(lines)
