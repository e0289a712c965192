"""The lab's bench: a study by its name or file, the store that it is kept in, and what comes of both."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unstuck.core.shares import Found
from unstuck.lab.drive import Driven, Watch, chunks, drive
from unstuck.lab.engine.chunk import Engine
from unstuck.lab.found import found
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.plan import How, cells
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


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """What is said beside a study's text: starts of a cell, seed, engine, device; None: as it was, or as usual."""

    seeds: int | None = None
    random_state: int | None = None
    engine: Engine | None = None
    device: str | None = None

    def over(self, before: Given) -> Given:
        """Return these, and what was said before where nothing is said now."""
        said = {k: v for k, v in dataclasses.asdict(self).items() if v is not None}
        return dataclasses.replace(before, **said)

    @property
    def how(self) -> How:
        """By what the networks are trained."""
        return How(self.random_state or 0, self.engine or "stacked", self.device or "cpu")


def remembered(named: str, store: Store, given: Given) -> tuple[Study, How]:
    """Return a study as it was run last into a store, by name; or by its file, as it is now."""
    known = {one.name: one for one in store.studies()}
    name = Path(named).stem if Path(named).is_file() else named
    if name in known:
        one = known[name]
        given = given.over(Given(**json.loads(one.given)))
    if Path(named).is_file():
        return load(Path(named)).with_seeds(given.seeds), given.how
    if name in known:
        found = parse(Text(one.written, named), one.name, Path(one.folder))
        return found.with_seeds(given.seeds), given.how
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


GIVEN = Given()


class Begun(Mistaken):
    """Some chunks of a study are there already, and the user did not say that it goes on."""


def run(
    wanted: Study,
    store: Store,
    pool: Pool,
    watch: Watch = lambda pace: None,
    *,
    resume: bool,
    given: Given = GIVEN,
) -> Driven:
    """Train what is missing of a study; raises Begun where some is there and `resume` was not said."""
    wanted, how = wanted.with_seeds(given.seeds), given.how
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
    said = json.dumps(dataclasses.asdict(given))
    store.note(Listed(wanted.name, wanted.written, str(wanted.folder), now, said))
    return drive(made, rounds(wanted, made), store, pool, watch)


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
