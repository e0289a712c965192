"""A store in PostgreSQL, for a team that shares a study: the same tables, several writers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from unstuck.lab.engine.chunk import Outcome
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.store.store import SCHEMA, Kept, Listed, kept, packed

TABLES = """
CREATE TABLE IF NOT EXISTS unstuck_schema (version INTEGER NOT NULL);
INSERT INTO unstuck_schema SELECT %s WHERE NOT EXISTS (SELECT 1 FROM unstuck_schema);
CREATE TABLE IF NOT EXISTS unstuck_chunk (
    cell TEXT NOT NULL, first BIGINT NOT NULL, count INTEGER NOT NULL,
    losses BYTEA NOT NULL, hits BYTEA NOT NULL, seconds DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (cell, first, count)
);
CREATE TABLE IF NOT EXISTS unstuck_study (
    name TEXT PRIMARY KEY, written TEXT NOT NULL, folder TEXT NOT NULL, ran TEXT NOT NULL,
    given TEXT NOT NULL
);
"""
AT_ONCE = 500  # cells asked for in one query
LOCK = 0x756E7374  # of the making of the tables: two who begin at once make them once


class Postgres:
    """Tables named unstuck_… in the database of a URL. A chunk that two train is kept once."""

    def __init__(self, url: str, *, writes: bool) -> None:
        parts = urlsplit(url)
        self.where = f"postgresql://{parts.hostname or ''}{parts.path}"  # no password is ever shown
        with self._said():
            self._base: Any = _module().connect(url, autocommit=True)
        try:
            with self._said():
                known = self._one("SELECT to_regclass('unstuck_schema')")
                if known is not None:
                    self._look()
                elif writes:
                    self._make()
                else:
                    raise Mistaken(f"{self.where} holds no store of unstuck: nothing was run yet")
        except Mistaken:
            self._base.close()
            raise

    def _look(self) -> None:
        found = self._one("SELECT version FROM unstuck_schema")
        if found is None or found > SCHEMA:
            raise Mistaken(
                f"{self.where} was written by a later unstuck (schema {found}, this one knows {SCHEMA})"
                " and is left as it is"
            )

    def _make(self) -> None:
        with self._base.transaction():
            self._base.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            for statement in TABLES.strip().split(";\n"):
                self._base.execute(statement, (SCHEMA,) if "%s" in statement else None)

    def _one(self, query: str) -> Any:
        row = self._base.execute(query).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except _module().Error as error:
            why = " ".join(str(error).split())
            raise Mistaken(f"{self.where} cannot be used as a store: {why}") from error

    def put(self, cell: str, first: int, outcome: Outcome) -> None:
        """Keep what came of a chunk, in a transaction of its own."""
        row = (cell, first, len(outcome.losses), packed(outcome.losses), packed(outcome.hits))
        with self._said():
            self._base.execute(
                "INSERT INTO unstuck_chunk VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (*row, outcome.seconds),
            )

    def chunks(self, cells: Iterable[str]) -> Iterator[Kept]:
        """Yield what is kept of these cells."""
        asked = list(dict.fromkeys(cells))
        query = (
            "SELECT cell, first, count, losses, hits, seconds FROM unstuck_chunk"
            " WHERE cell = ANY(%s) ORDER BY cell, first"
        )
        with self._said():
            for at in range(0, len(asked), AT_ONCE):
                part = asked[at : at + AT_ONCE]
                yield from (kept(*row) for row in self._base.execute(query, (part,)).fetchall())

    def note(self, listed: Listed) -> None:
        """Remember a study under its name."""
        with self._said():
            self._base.execute(
                "INSERT INTO unstuck_study VALUES (%s, %s, %s, %s, %s) ON CONFLICT (name) DO UPDATE"
                " SET written = excluded.written, folder = excluded.folder, ran = excluded.ran,"
                " given = excluded.given",
                (listed.name, listed.written, listed.folder, listed.when, listed.given),
            )

    def studies(self) -> list[Listed]:
        """Return the studies that were run into this store."""
        with self._said():
            found = self._base.execute("SELECT * FROM unstuck_study ORDER BY name")
            return [Listed(*row) for row in found]

    def close(self) -> None:
        """End the connection."""
        self._base.close()


def _module() -> Any:
    try:
        return import_module("psycopg")
    except ImportError as error:
        raise Mistaken(
            "a store in PostgreSQL needs psycopg: pip install 'unstuck[postgres]'"
        ) from error
