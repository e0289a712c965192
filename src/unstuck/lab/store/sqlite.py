"""A store in one SQLite file, in WAL mode, with one writer: the process that drives the study."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from unstuck.lab.engine.chunk import Outcome
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.store.store import SCHEMA, Kept, Listed, kept, packed

APPLICATION = 0x756E7374  # "unst", in the header of the file: whose file it is
TABLES = """
CREATE TABLE IF NOT EXISTS chunk (
    cell TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
    losses BLOB NOT NULL, hits BLOB NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (cell, first, count)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS study (
    name TEXT PRIMARY KEY, written TEXT NOT NULL, folder TEXT NOT NULL, "when" TEXT NOT NULL,
    given TEXT NOT NULL
) WITHOUT ROWID;
"""
COLUMNS = "cell, first, count, losses, hits, seconds"
CHECKED = 256 << 20  # bytes up to which all of a file is looked through before it is used
AT_ONCE = 500  # cells asked for in one query


class SQLite:
    """A file of chunks. It is made when something is to be written, and never changed by reading."""

    def __init__(self, path: Path, *, writes: bool) -> None:
        self.where, self._lock = str(path), None
        if not writes and not path.exists():
            raise Mistaken(f"there is no store {self.where!r}: nothing was run yet")
        if path.is_dir():
            raise Mistaken(f"{self.where!r} is a folder, and no store")
        if path.exists() and path.stat().st_size:
            self._look(path)
        if writes:
            self._lock = _locked(path)
        with self._said():
            self._base = _open(path, writes=writes)

    def _look(self, path: Path) -> None:
        """Refuse a file that is no store, is damaged, or was written by a later unstuck; change nothing."""
        with self._said():
            base = sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)
            try:
                whose = base.execute("PRAGMA application_id").fetchone()[0]
                schema = base.execute("PRAGMA user_version").fetchone()[0]
                small = path.stat().st_size <= CHECKED
                found = base.execute("PRAGMA quick_check(1)").fetchone()[0] if small else "ok"
            finally:
                base.close()
        if whose != APPLICATION:
            raise Mistaken(f"{self.where!r} is no store of unstuck, and is left as it is")
        if schema > SCHEMA:
            raise Mistaken(
                f"{self.where!r} was written by a later unstuck (schema {schema}, this one knows {SCHEMA})"
                " and is left as it is; take that one, or another --store"
            )
        if found != "ok":
            raise Mistaken(f"{self.where!r} is damaged ({found}) and is left as it is")

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise Mistaken(
                f"{self.where!r} cannot be used as a store ({error}) and is left as it is;"
                " move it away, or name another one with --store"
            ) from error

    def put(self, cell: str, first: int, outcome: Outcome) -> None:
        """Keep what came of a chunk, in a transaction of its own."""
        row = (cell, first, len(outcome.losses), packed(outcome.losses), packed(outcome.hits))
        with self._said(), self._base:
            self._base.execute(
                f"INSERT OR IGNORE INTO chunk ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
                (*row, outcome.seconds),
            )

    def chunks(self, cells: Iterable[str]) -> Iterator[Kept]:
        """Yield what is kept of these cells."""
        asked = list(dict.fromkeys(cells))
        with self._said():
            for at in range(0, len(asked), AT_ONCE):
                part = asked[at : at + AT_ONCE]
                marks = ", ".join("?" * len(part))
                query = f"SELECT {COLUMNS} FROM chunk WHERE cell IN ({marks}) ORDER BY cell, first"
                yield from (kept(*row) for row in self._base.execute(query, part).fetchall())

    def note(self, listed: Listed) -> None:
        """Remember a study under its name."""
        row = (listed.name, listed.written, listed.folder, listed.when, listed.given)
        with self._said(), self._base:
            self._base.execute("INSERT OR REPLACE INTO study VALUES (?, ?, ?, ?, ?)", row)

    def studies(self) -> list[Listed]:
        """Return the studies that were run into this store."""
        with self._said():
            query = 'SELECT name, written, folder, "when", given FROM study ORDER BY name'
            return [Listed(*row) for row in self._base.execute(query)]

    def close(self) -> None:
        """Let go of the file, and of the lock on it."""
        self._base.close()
        if self._lock is not None:
            self._lock.close()


def _open(path: Path, *, writes: bool) -> sqlite3.Connection:
    if not writes:
        return sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode = WAL")
    base.execute(
        "PRAGMA synchronous = NORMAL"
    )  # a killed process loses nothing; a power cut the last rows
    with base:
        base.executescript(TABLES)
        base.execute(f"PRAGMA application_id = {APPLICATION}")
        base.execute(f"PRAGMA user_version = {SCHEMA}")
    return base


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.absolute()))


def _locked(path: Path) -> IO[bytes]:
    """Return an open file that no other driver has; the lock ends with the process, however that ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("ab")
    except OSError as error:
        raise Mistaken(f"no store can be made at {str(path)!r}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise Mistaken(
            f"another `unstuck lab run` is writing to {str(path)!r}; wait for it, or name another --store"
        ) from error
    return lock
