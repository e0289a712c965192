"""Scripts with and without us; the nursery lies beside the recorder's tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "record"))

from nursery import Nursery


@pytest.fixture(scope="session")
def nursery():
    """Forks scripts off."""
    it = Nursery()
    yield it
    it.close()
