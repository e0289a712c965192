"""Runs one case under plain python and under the supervisor, in the same folder, and compares."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from unstuck.runner import supervisor
from unstuck.runner.job import Job, Kind
from unstuck.runner.supervisor import Outcome

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Case:
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    target: str = "train.py"
    kind: Kind = "script"
    argv: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    observed: bool = True
    bare: bool = False
    """No PYTHONPATH at all; then no observer is found."""


@dataclass(frozen=True)
class Seen:
    code: int
    stdout: str
    stderr: str
    files: Mapping[str, bytes]


def lay_out(folder: Path, files: Mapping[str, str | bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    folder.mkdir(exist_ok=True)


def environment(case: Case) -> dict[str, str]:
    env = plain_environment() | case.env
    if case.bare:
        del env["PYTHONPATH"]
    return env


def plain_environment() -> dict[str, str]:
    """Ours without what steers python."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return base | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(HERE)}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def plain(case: Case, folder: Path) -> Seen:
    """What python itself does."""
    lay_out(folder, case.files)
    switch = {"script": [], "module": ["-m"], "code": ["-c"]}[case.kind]
    done = subprocess.run(
        [sys.executable, *case.flags, *switch, case.target, *case.argv],
        cwd=folder,
        env=environment(case),
        input=case.stdin,
        capture_output=True,
        timeout=60,
    )
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return Seen(code, done.stdout.decode(), done.stderr.decode(), contents(folder))


def observed(
    case: Case, folder: Path, run_folder: Path, observer: str = "watching:start"
) -> tuple[Seen, Outcome]:
    """The same through a process that calls the supervisor, with an observer on."""
    lay_out(folder, case.files)
    observer = observer if case.observed and not case.bare else ""
    told = [observer, json.dumps(dict(case.env)), str(run_folder), case.kind, case.target]
    done = subprocess.run(
        [sys.executable, *case.flags, str(HERE / "drive.py"), *told, *case.argv],
        cwd=folder,
        env=environment(case) if case.bare else plain_environment(),
        input=case.stdin,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    outcome = eval((run_folder / "outcome").read_text(), {"Outcome": Outcome})
    seen = Seen(outcome.code, done.stdout.decode(), done.stderr.decode(), contents(folder))
    return seen, outcome


def run(tmp_path: Path, source: str, **options: object) -> Outcome:
    """Run a script's source under the supervisor, its output captured."""
    place = tmp_path / "place"
    place.mkdir(exist_ok=True)
    (place / "train.py").write_text(source)
    limits = {name: options.pop(name) for name in ("stop_after", "grace") if name in options}
    settings = {
        "kind": "script",
        "target": "train.py",
        "cwd": place,
        "stdout": "captured",
        "stderr": "captured",
        "env": {"PYTHONPATH": str(HERE)},
    }
    return supervisor.run(Job(**settings | options), tmp_path / "run", **limits)
