"""A recording of any script, for the price of a fork."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nursery import Nursery, Run

from unstuck.core.recording import Recording
from unstuck.core.setup import Setup
from unstuck.record.folder import load


@dataclasses.dataclass(frozen=True)
class Watched:
    """A script that was watched."""

    run: Run
    recording: Recording

    @property
    def setup(self) -> Setup:
        assert self.recording.setup is not None, self.recording.gaps
        return self.recording.setup


Watch = Callable[..., Watched]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Forks scripts off."""
    it = Nursery()
    yield it
    it.close()


@pytest.fixture
def watch(nursery: Nursery, tmp_path: Path) -> Watch:
    """Run a script's source under the recorder."""
    count = iter(range(1000))

    def watched(source: str, **options: object) -> Watched:
        folder = tmp_path / f"run{next(count)}"
        run = nursery.run(source, folder, options=options)
        assert (run.code, run.stderr, run.left) == (0, "", ()), run.stderr
        return Watched(run, load(folder))

    return watched
