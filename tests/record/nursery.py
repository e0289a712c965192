"""A process that has imported torch once and forks for each script, as if python had started anew.

Starting python and torch costs seconds, a fork costs milliseconds, and every fork begins with the
same random state: so two forks of one script differ only in whether it was watched. What runs here is
the observer itself; the supervisor and python's own start have tests of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
OBSERVER = "unstuck.record.observer:start"


@dataclass(frozen=True)
class Run:
    """How one script ended, what it printed, and what the audit of its process found."""

    code: int
    stdout: str
    stderr: str
    left: tuple[str, ...]


class Nursery:
    """Forks scripts off; `close` ends it."""

    def __init__(self) -> None:
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join([str(HERE), str(HERE.parent / "neutral")])
        self.process = subprocess.Popen(
            [sys.executable, "-W", "default", str(HERE / "fork.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def run(
        self,
        source: str,
        folder: Path,
        *,
        observer: str | None = OBSERVER,
        options: dict[str, object] | None = None,
        name: str = "train.py",
    ) -> Run:
        """Run a script's source in a fork; its recording, if there is one, lies in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        script = folder / name
        script.write_text(source, encoding="utf-8")
        order = {"script": str(script), "folder": str(folder)}
        order |= {"observer": observer or "", "options": json.dumps(options or {})}
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        left = folder / "left.json"
        return Run(
            code,
            (folder / "stdout").read_text(encoding="utf-8"),
            (folder / "stderr").read_text(encoding="utf-8"),
            tuple(json.loads(left.read_text())) if left.exists() else (),
        )

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
