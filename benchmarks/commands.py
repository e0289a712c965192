"""What a user waits for: a whole diagnosis, and the help."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, Measured, processor_seconds
from unstuck.casebook import case


def measured() -> Iterator[Measured]:
    script = case("xnor").script
    with tempfile.TemporaryDirectory() as place:
        command = [
            sys.executable,
            "-m",
            "unstuck",
            "run",
            "--output",
            str(Path(place) / "run"),
            str(script),
        ]
        seconds = processor_seconds(
            lambda: subprocess.run(
                command, cwd=place, env=ENVIRONMENT, capture_output=True, check=True
            )
        )
    yield Measured("unstuck run on the XNOR script, processor time", seconds, 15, " s")
    waits = []
    for _ in range(7):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "unstuck", "--help"], capture_output=True, check=True)
        waits.append(time.perf_counter() - began)
    yield Measured("unstuck --help", min(waits), 0.3, " s", how=f"fastest of {len(waits)}")
