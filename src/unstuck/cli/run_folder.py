"""The folder of one run: where it is made, and what the commands keep in it."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from unstuck.cli.source_files import Snapshot
from unstuck.cli.target import Target
from unstuck.runner import job as jobs
from unstuck.runner.supervisor import Outcome

HOME = Path(".unstuck")
RUNS = HOME / "runs"
OUTCOME = "outcome.json"
DIAGNOSIS = "diagnosis.json"
OURS = ("recording", OUTCOME, DIAGNOSIS, "patch.json", "curves.json", "report.html")
"""What an earlier run left in a folder that is used again; the runner clears its own files."""


def make(target: Target, *, output: Path | None) -> Path:
    """Make the folder for a run, in `.unstuck/runs` unless the user named one."""
    try:
        return _fresh(target) if output is None else _named(output)
    except OSError as error:
        place = RUNS if output is None else output
        raise click.UsageError(
            f"no recording can be written to {str(place)!r}: {error.strerror}; "
            "name another folder with --output"
        ) from error


def _fresh(target: Target) -> Path:
    RUNS.mkdir(parents=True, exist_ok=True)
    ignore = HOME / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{target.label}-{os.getpid()}"
    folder = next(
        path
        for path in (RUNS / f"{name}{suffix}" for suffix in ("", *(f"-{n}" for n in range(2, 99))))
        if not path.exists()
    )
    folder.mkdir()
    return folder


def _named(folder: Path) -> Path:
    """Use a folder that the user named: a new or empty one, or one that an earlier run has filled."""
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(f"--output {str(folder)!r} is a file")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / jobs.FILE).is_file():
        raise click.UsageError(f"--output {str(folder)!r} holds other things than a run of ours")
    for name in OURS:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return folder


def find(run: Path | None) -> Path:
    """Return the folder of an earlier run: the one named, or the latest."""
    if run is None:
        folders = sorted(RUNS.glob("*/"), key=lambda folder: folder.stat().st_mtime)
        if not folders:
            raise click.UsageError(f"there are no runs in {str(RUNS)!r}; name the folder of one")
        return folders[-1]
    folder = run.parent if run.name == DIAGNOSIS else run
    if not (folder / jobs.FILE).is_file():
        raise click.UsageError(f"{str(run)!r} is not the folder of a run")
    return folder


def target(folder: Path) -> Target:
    """Return what an earlier run was asked to run."""
    try:
        job, _ = jobs.read(folder)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise click.UsageError(f"{str(folder / jobs.FILE)!r} cannot be read: {error}") from error
    return Target(job.kind, job.target, job.argv)


def write_outcome(outcome: Outcome, folder: Path, sources: Snapshot) -> None:
    """Keep how the script ended, and what was run."""
    kept = {
        key: value
        for key, value in dataclasses.asdict(outcome).items()
        if key not in {"stdout", "stderr"}
    }
    kept["sources"] = dataclasses.asdict(sources)
    (folder / OUTCOME).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def outcome(folder: Path) -> tuple[Outcome, Snapshot]:
    """Return how an earlier run's script ended, and what was run."""
    try:
        kept = json.loads((folder / OUTCOME).read_text(encoding="utf-8"))
        sources = Snapshot(**kept.pop("sources"))
        kept["trouble"] = tuple(kept["trouble"])
        return Outcome(**kept, stdout=None, stderr=None), sources
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise click.UsageError(f"{str(folder / OUTCOME)!r} cannot be read: {error}") from error
