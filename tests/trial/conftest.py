"""Setups for the trials: made by hand, or recorded from a script."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "record"))

from nursery import Nursery

from unstuck.record.folder import load


@pytest.fixture(scope="session")
def nursery():
    """Forks scripts off."""
    it = Nursery()
    yield it
    it.close()


@pytest.fixture(scope="session")
def recorded(nursery, tmp_path_factory):
    """Return the Setup that a script's source is recorded as."""

    def record(source):
        folder = tmp_path_factory.mktemp("recorded")
        run = nursery.run(source, folder)
        assert (run.code, run.stderr) == (0, ""), run.stderr
        recording = load(folder)
        assert recording.setup is not None, recording.gaps
        return recording.setup

    return record
