"""Runs a script as a user does, `unstuck run --json`, and returns what the report says."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import IO, Any
from unittest import mock

BUDGET = "120"  # seconds of proofs; twice the default, for slow machines
MEMBERS = "32"  # networks in a trial: half of the default, enough to tell 95 % from none
FIXED_DRAWS = str(Path(__file__).parents[1] / "fixed_draws")


def diagnosed(
    script: Path,
    folder: Path,
    *options: str,
    files: Sequence[Path] = (),
    arguments: Sequence[str] = (),
) -> dict[str, Any]:
    """Run a copy of the script, and of the files that it reads, in `folder`; return the JSON report.

    arguments: of the script.

    The command line is called in this process, which so imports the libraries of the diagnosis once
    for all scripts; the script runs in a process of its own, as ever.
    """
    from unstuck.cli import main

    copy = folder / script.name
    copy.write_bytes(script.read_bytes())
    for file in files:
        shutil.copy(file, folder)
    command = ["run", "--json", "out.json", "--budget", BUDGET, "--members", MEMBERS]
    with chdir(folder), drawn_alike(), said() as text, warnings.catch_warnings():
        warnings.resetwarnings()
        try:
            main([*command, *options, copy.name, *arguments])
        except SystemExit as end:
            text.seek(0)
            assert end.code == 0, text.read()
    found: dict[str, Any] = json.loads((folder / "out.json").read_text())
    return found


def drawn_alike() -> mock._patch_dict:
    """Processes that are started within draw the same data and weights each time."""
    return mock.patch.dict(os.environ, {"PYTHONPATH": FIXED_DRAWS})


@contextmanager
def said() -> Iterator[IO[str]]:
    """What this process and those that it starts print goes to a file."""
    with tempfile.TemporaryFile("w+", errors="replace") as text:
        kept = [(stream, os.dup(stream)) for stream in (1, 2)]
        try:
            for stream, _ in kept:
                os.dup2(text.fileno(), stream)
            yield text
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for stream, copy in kept:
                os.dup2(copy, stream)
                os.close(copy)


def causes(report: dict[str, Any]) -> set[str]:
    return {finding["name"] for finding in report["findings"] if finding["role"] == "cause"}


def told(report: dict[str, Any]) -> str:
    """What a failing test should show."""
    lines = [report["sentence"]]
    lines += [f"{f['role']} {f['name']}: {f['because']}" for f in report["findings"]]
    lines += [f"not run {n['kind']} {n['name']}: {n['because']}" for n in report["not_run"]]
    return "\n".join(lines)
