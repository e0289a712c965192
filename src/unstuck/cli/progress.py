"""Says on a terminal what is being tried and how long that will take; silent everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from unstuck.core.options import Progress, silent

PATIENCE = 1.0  # seconds; work that is done sooner needs no bar


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Give a function to report progress to; the bar vanishes at the end."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("", total=None)
    begun = time.monotonic()

    def report(what: str, done: float | None) -> None:
        share = None if done is None else min(1.0, max(0.0, done))
        bar.update(
            task, description=what[:40], completed=share or 0.0, total=None if done is None else 1.0
        )
        if not bar.live.is_started and time.monotonic() - begun > PATIENCE:
            bar.start()

    try:
        yield report
    finally:
        bar.stop()
