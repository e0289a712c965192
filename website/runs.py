"""Runs of scripts that the site shows: made by the build, as a user makes them, and kept by what they depend on.

A run is made again only where the script, what it reads, or the source of what judges it has changed; reports and
the command line do not judge. Scripts draw as they do in the tests (`tests/fixed_draws`), so that a page shows what
is tested.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "unstuck"
DRAWS = ROOT / "tests" / "fixed_draws"
BESIDE = ("report", "cli", "python", "casebook", "verify")
"""Folders of the package that do not change what a run is found to be."""

MEMBERS = "32"  # networks of a trial, as in the tests
BUDGET = "120"  # seconds of the search, as in the tests
LONGEST = 1800  # seconds until a run that does not end is given up


class Failed(RuntimeError):
    """A run came to no diagnosis; the message ends with what it said."""


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """A script to be run. files: that it reads; arguments: of its own; options: of `unstuck run`."""

    name: str
    text: str
    script: str = "train.py"
    files: tuple[Path, ...] = ()
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ("--budget", BUDGET, "--members", MEMBERS)

    @property
    def key(self) -> str:
        """A hash of everything that the outcome depends on."""
        told = (self.text, self.arguments, self.options, judging(), version("torch"))
        digest = hashlib.sha256(repr(told).encode())
        for file in self.files:
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """A run that was made. folder: the script's; run: what unstuck wrote, relative to it."""

    folder: Path
    run: Path = Path("run")

    @property
    def told(self) -> dict[str, Any]:
        """The diagnosis as JSON."""
        text = (self.folder / "told.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found


def judging() -> str:
    """Return a hash of the sources that decide what a run is found to be."""
    files = (
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in BESIDE
    )
    return hashed([*files, *sorted(DRAWS.glob("*.py"))])


def hashed(files: Iterable[Path]) -> str:
    """Return a hash of the names and contents of these files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def made(
    wanted: Iterable[Wanted], store: Path, *, jobs: int = 1, quick: bool = False
) -> dict[str, Made]:
    """Return the runs by name. quick: only those that are kept already; what is missing is left out."""
    asked = list(wanted)
    kept = {one.name: Made(place) for one in asked if (place := _place(one, store)).is_dir()}
    if not quick:
        missing = [one for one in asked if one.name not in kept]
        with ThreadPoolExecutor(jobs) as pool:
            for one, run in zip(
                missing, pool.map(lambda one: _run(one, store), missing), strict=True
            ):
                kept[one.name] = run
    return kept


def _place(wanted: Wanted, store: Path) -> Path:
    return store / f"{wanted.name}.{wanted.key}"


def _run(wanted: Wanted, store: Path) -> Made:
    """Run it in a folder that gets its name when all went well; earlier runs of the same name go."""
    place = _place(wanted, store)
    making = place.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    (making / wanted.script).write_text(wanted.text, encoding="utf-8")
    for file in wanted.files:
        shutil.copy(file, making)
    command = [sys.executable, "-m", "unstuck", "run", "--json", "told.json", "--output", "run"]
    print(f"running {wanted.name}", flush=True)
    ran = subprocess.run(
        [*command, *wanted.options, wanted.script, *wanted.arguments],
        cwd=making,
        env={**os.environ, "PYTHONPATH": str(DRAWS), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    if not (making / "told.json").is_file():
        raise Failed(f"{wanted.name}: no diagnosis; {ran.stderr[-2000:]}")
    for old in store.glob(f"{wanted.name}.*"):
        if old != making:
            shutil.rmtree(old)
    making.rename(place)
    return Made(place)
