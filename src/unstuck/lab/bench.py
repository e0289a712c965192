"""The lab's bench: a study by its name or file, the store that it is kept in, and what comes of both."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unstuck.core.shares import Found
from unstuck.lab.drive import Driven, Watch, chunks, drive
from unstuck.lab.found import found
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.plan import Cell, How, cells
from unstuck.lab.pool import Pool
from unstuck.lab.rounds import rounds
from unstuck.lab.store.store import Listed, Store
from unstuck.lab.study.study import Study, load, parse
from unstuck.lab.study.text import Text

COMES_WITH = Path(__file__).parent / "studies"
PLACE = Path(".unstuck") / "lab.sqlite"
"""Where results are kept unless the user says otherwise, from the folder in which the command is typed."""


def come_with() -> dict[str, Path]:
    """Return the studies that come with unstuck, by name."""
    return {file.stem: file for file in sorted(COMES_WITH.glob("*.toml"))}


def study(named: str) -> Study:
    """Return a study by the path of its file, or by name where it comes with unstuck; raises Mistaken."""
    ours = come_with()
    if named in ours and not Path(named).exists():
        return load(ours[named])
    if not Path(named).is_file():
        listed = ", ".join(ours)
        raise Mistaken(
            f"there is no study file {named!r}; those that come with unstuck are {listed}"
        )
    return load(Path(named))


def remembered(named: str, store: Store) -> Study:
    """Return a study as it was run last into a store, by name; or by its file, as it is now."""
    if Path(named).is_file():
        return load(Path(named))
    known = {one.name: one for one in store.studies()}
    if named in known:
        one = known[named]
        return parse(Text(one.written, named), one.name, Path(one.folder))
    listed = ", ".join(known) or "none"
    raise Mistaken(f"there is no study {named!r} in {store.where!r}; it holds {listed}")


@contextmanager
def opened(place: str | None, *, writes: bool) -> Iterator[Store]:
    """Open the store that the user named: a file, a PostgreSQL URL, or the usual file; raises Mistaken."""
    store: Store
    if place is not None and place.startswith(("postgresql://", "postgres://")):
        from unstuck.lab.store.postgres import Postgres

        store = Postgres(place, writes=writes)
    elif place is not None and "://" in place:
        raise Mistaken(f"a store is a file or a postgresql:// URL, not {place!r}")
    else:
        from unstuck.lab.store.sqlite import SQLite

        store = SQLite(Path(place) if place is not None else PLACE, writes=writes)
    try:
        yield store
    finally:
        store.close()


class Begun(Mistaken):
    """Some chunks of a study are there already, and the user did not say that it goes on."""


def run(
    wanted: Study, store: Store, pool: Pool, how: How, watch: Watch, *, resume: bool
) -> tuple[Driven, list[Cell]]:
    """Train what is missing of a study; raises Begun where some is there and `resume` was not said."""
    if how.device != "cpu":
        from unstuck.lab.engine.device import check

        check(how.device)
    made = cells(wanted, how)
    have = chunks(made, store)
    if have and not resume:
        raise Begun(
            f"{len(have):,} chunks of {wanted.name} are in {store.where!r} already:"
            " add --resume to go on with them, or --store FILE to begin anew"
        )
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    store.note(Listed(wanted.name, wanted.written, str(wanted.folder), now))
    return drive(made, rounds(wanted, made), store, pool, watch), made


def shown(wanted: Study, store: Store, how: How, command: str = "") -> Found:
    """Return what a store holds of a study."""
    made = cells(wanted, how)
    return found(
        wanted.name,
        made,
        rounds(wanted, made),
        store,
        axes=tuple(one.names for one in wanted.axes),
        title=wanted.title,
        about=wanted.about,
        command=command,
    )
