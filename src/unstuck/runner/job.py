"""What is to be run, as the supervisor tells it to the child (`job.json` in the run folder).

Belongs here: the record and its file. Both sides read it, so it imports little.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

FILE = "job.json"
BEGUN = "begun"
"""The file that tells the supervisor that python let us in."""

Kind = Literal["script", "module", "code"]
Sink = Literal["inherit", "stderr", "captured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of a user's script: what python is asked to run, and what watches it.

    `target` is a path, a module's dotted name or source code, as its `kind` says. `observer` is
    `"package.module:function"`; the function is called as `start(run_folder, options)` before
    the script, and what it returns as `finish(outcome)` after it.
    """

    kind: Kind
    target: str
    argv: tuple[str, ...] = ()
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables set on top of our own environment; the script sees them."""
    observer: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """Passed to the observer; plain JSON."""
    seed_offset: int = 0
    """Added to every seed that the script sets; 0 leaves everything untouched."""
    protect: tuple[Path, ...] = ()
    """Folders below which nothing may be written."""
    allow: tuple[Path, ...] = ()
    """Folders below which writing is allowed although a protected folder holds them."""
    redirect: Mapping[str, str] = field(default_factory=dict)
    """Folders whose modules are imported from a copy: {original: copy}."""
    stdin: Literal["inherit", "empty"] = "inherit"
    stdout: Sink = "inherit"
    stderr: Literal["inherit", "captured"] = "inherit"

    def __post_init__(self) -> None:
        """Refuse what could not be run."""
        if self.kind not in ("script", "module", "code"):
            raise ValueError(f"kind must be script, module or code, not {self.kind!r}")
        if self.observer is not None and self.observer.count(":") != 1:
            raise ValueError(f"observer must read 'package.module:function', not {self.observer!r}")


def write(job: Job, folder: Path, *, deadline: float | None = None) -> None:
    """Write `job.json`; `deadline` is on the clock of `time.monotonic()`, which processes share."""
    seen_by_child = {
        "kind": job.kind,
        "target": job.target,
        "argv": job.argv,
        "cwd": None if job.cwd is None else str(job.cwd),
        "observer": job.observer,
        "options": dict(job.options),
        "seed_offset": job.seed_offset,
        "protect": [str(path) for path in job.protect],
        "allow": [str(path) for path in job.allow],
        "redirect": dict(job.redirect),
        "deadline": deadline,
    }
    (folder / FILE).write_text(json.dumps(seen_by_child, indent=1), encoding="utf-8")


def read(folder: Path) -> tuple[Job, float | None]:
    """The job in a run folder, and its deadline."""
    seen = json.loads((folder / FILE).read_text(encoding="utf-8"))
    job = Job(
        kind=seen["kind"],
        target=seen["target"],
        argv=tuple(seen["argv"]),
        cwd=None if seen["cwd"] is None else Path(seen["cwd"]),
        observer=seen["observer"],
        options=seen["options"],
        seed_offset=seen["seed_offset"],
        protect=tuple(map(Path, seen["protect"])),
        allow=tuple(map(Path, seen["allow"])),
        redirect=seen["redirect"],
    )
    return job, seen["deadline"]
