"""A store keeps each chunk once; whatever is not its own it leaves as it is."""

import sqlite3

import numpy as np
import pytest

from unstuck.lab.engine.chunk import Outcome
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.store.sqlite import SQLite
from unstuck.lab.store.store import SCHEMA, Listed

MADE = Outcome("c-0-2", np.array([0.1, np.nan], np.float32), np.array([7, -1], np.int32), 0.5)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "deep" / "lab.sqlite"
    store = SQLite(path, writes=True)
    store.put("c", 0, MADE)
    store.note(Listed("mine", "task = 1", "/somewhere", "2026-01-01"))
    store.close()
    return path


def test_what_is_put_is_found_again(file) -> None:
    store = SQLite(file, writes=False)
    (found,) = list(store.chunks(["b", "c"]))
    assert (found.cell, found.first, found.count, found.seconds) == ("c", 0, 2, 0.5)
    assert np.array_equal(found.losses, MADE.losses, equal_nan=True)
    assert np.array_equal(found.hits, MADE.hits)
    assert [one.name for one in store.studies()] == ["mine"]
    store.close()


def test_a_chunk_that_is_there_stays_as_it_is(file) -> None:
    store = SQLite(file, writes=True)
    store.put("c", 0, Outcome("c-0-2", MADE.losses + 1, MADE.hits, 9.0))
    assert [one.seconds for one in store.chunks(["c"])] == [0.5]
    store.close()


def test_a_second_driver_is_refused(file) -> None:
    store = SQLite(file, writes=True)
    with pytest.raises(Mistaken, match="another `unstuck lab run` is writing to"):
        SQLite(file, writes=True)
    SQLite(file, writes=False).close()
    store.close()
    SQLite(file, writes=True).close()


def newer(path):
    base = sqlite3.connect(path)
    base.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    base.close()


def foreign(path):
    path.unlink()
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE accounts (name TEXT)")
    base.close()


def no_database(path):
    path.write_bytes(b"these are my notes, and no database" * 40)


def cut_off(path):
    path.write_bytes(path.read_bytes()[:6000])


SPOILED = {
    newer: "was written by a later unstuck",
    foreign: "is no store of unstuck",
    no_database: "file is not a database",
    cut_off: "is left as it is",
}


@pytest.mark.parametrize("spoil", SPOILED)
@pytest.mark.parametrize("writes", [False, True])
def test_a_file_that_cannot_be_used_is_left_as_it_is(file, spoil, writes) -> None:
    spoil(file)
    before = file.read_bytes()
    with pytest.raises(Mistaken, match=SPOILED[spoil]) as raised:
        SQLite(file, writes=writes)
    assert "left as it is" in str(raised.value)
    assert file.read_bytes() == before


def test_nothing_is_made_by_looking(tmp_path) -> None:
    with pytest.raises(Mistaken, match="nothing was run yet"):
        SQLite(tmp_path / "lab.sqlite", writes=False)
    assert list(tmp_path.iterdir()) == []
