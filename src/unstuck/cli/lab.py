"""`unstuck lab`: studies of thousands of networks, to run, to look at, and to take elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from unstuck.cli import values
from unstuck.cli.commands import Commands

if TYPE_CHECKING:
    from unstuck.core.shares import Found
    from unstuck.lab.bench import Given
    from unstuck.lab.drive import Pace
    from unstuck.lab.engine.chunk import Engine
    from unstuck.lab.pool import Pool
    from unstuck.lab.store.store import Store
    from unstuck.lab.study.study import Study

store = click.option(
    "--store",
    metavar="FILE|URL",
    envvar="UNSTUCK_STORE",
    help="Where results are kept: a file, or postgresql://….  [default: .unstuck/lab.sqlite]",
)
device = click.option("--device", metavar="NAME", help="Of torch: cpu, cuda.  [default: cpu]")
engine = click.option(
    "--engine",
    type=click.Choice(["stacked", "jax", "graph"]),
    help="What trains a chunk: torch, stacked by hand (default); JAX; the trials' graph.",
)
seeds = click.option(
    "--seeds", type=click.IntRange(1), metavar="N", help="Starts of a cell at most."
)
random_state = click.option(
    "--random-state",
    type=click.IntRange(0),
    metavar="N",
    help="Seed of all starts.  [default: 0]",
)


def which(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which networks are meant: results are kept under them."""
    for option in (store, device, engine, random_state, seeds):
        command = option(command)
    return command


@click.group(
    "lab",
    cls=Commands,
    epilog="""\b
Examples:
  unstuck lab run xnor --seeds 200       a study that comes with unstuck
  unstuck lab run study.toml -j 2        your own, on two cores
  unstuck lab show xnor                  its table
  unstuck lab show xnor --html xnor.html  its phase diagrams""",
)
def command() -> None:
    """How often do networks learn? Whole grids of them, thousands at once."""


@contextmanager
def said() -> Iterator[None]:
    """Answer what is wrong with a study or a store in one sentence."""
    from unstuck.lab.mistaken import Mistaken

    try:
        yield
    except Mistaken as error:
        raise click.UsageError(str(error)) from error


@command.command("run")
@click.argument("studies", nargs=-1, metavar="STUDY…")
@click.option("--all", "all_", is_flag=True, help="All studies that come with unstuck.")
@click.option("--resume", is_flag=True, help="Go on with what is kept; train nothing again.")
@click.option(
    "--backend",
    type=click.Choice(["loky", "dask", "ray"]),
    default="loky",
    show_default=True,
    help="Who trains: processes here, Dask or Ray.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), metavar="N", help="Workers.  [default: the cores]"
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Of a Dask or Ray cluster.  [default: one started here]"
)
@which
def run(
    *,
    studies: tuple[str, ...],
    all_: bool,
    resume: bool,
    backend: Literal["loky", "dask", "ray"],
    jobs: int | None,
    cluster: str | None,
    seeds: int | None,
    random_state: int | None,
    engine: Engine | None,
    device: str | None,
    store: str | None,
) -> None:
    """Train what each STUDY asks for: a file, or the name of one that comes with unstuck."""
    from unstuck.lab import bench
    from unstuck.lab.pool import Pool

    if cluster is not None and backend == "loky":
        raise click.UsageError("--cluster is about --backend dask or ray")
    if all_ == bool(studies):
        named = ", ".join(bench.come_with())
        raise click.UsageError(f"name a study: a file, or one of {named}; or --all for these")
    with said():
        given = bench.Given(seeds, random_state, engine, device)
        wanted = [bench.study(one) for one in studies or bench.come_with()]
        pool = Pool(backend, jobs or len(os.sched_getaffinity(0)), cluster)
        with bench.opened(store, writes=True) as kept:
            for at, one in enumerate(wanted):
                _run(one, studies[at] if studies else one.name, kept, pool, given, resume)


def _run(wanted: Study, named: str, kept: Store, pool: Pool, given: Given, resume: bool) -> None:
    from unstuck.lab import bench, told

    try:
        with _progress() as watch:
            driven = bench.run(wanted, kept, pool, watch, resume=resume, given=given)
    except KeyboardInterrupt:
        again = f"unstuck lab run {named} --resume"
        click.echo(f"unstuck: stopped; what was finished is in {kept.where}: {again}", err=True)
        raise
    seen = bench.shown(wanted.with_seeds(given.seeds), kept, given.how)
    for line in told.table(seen):
        click.echo(line)
    rate = driven.trained / driven.waited if driven.trained else 0.0
    now = f"; now {driven.trained:,} networks, {rate:,.0f} a second" if driven.trained else ""
    click.echo(f"{told.summary(seen)}{now}")
    draw = f"unstuck lab show {wanted.name} --html {wanted.name}.html"
    click.echo(f"unstuck: kept in {kept.where}; pictures: {draw}", err=True)


@contextmanager
def _progress() -> Iterator[Callable[[Pace], None]]:
    from unstuck.cli.progress import progress

    with progress() as report:

        def watch(pace: Pace) -> None:
            what = f"{pace.done:,} networks, {pace.rate:,.0f}/s"
            report(what, pace.share)

        yield watch


@command.command("show")
@click.argument("study")
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    callback=values.writable,
    help="Write phase diagrams and the table as one HTML file.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the phase diagrams as SVG files.",
)
@which
def show(
    *,
    study: str,
    html: Path | None,
    figures: Path | None,
    seeds: int | None,
    random_state: int | None,
    engine: Engine | None,
    device: str | None,
    store: str | None,
) -> None:
    """Show what is known of a STUDY: the share of starts that learned, with its interval."""
    from unstuck.lab import bench, told

    with said(), bench.opened(store, writes=False) as kept:
        given = bench.Given(seeds, random_state, engine, device)
        wanted, how = bench.remembered(study, kept, given)
        seen = bench.shown(wanted, kept, how, f"unstuck lab run {study}")
    if html is not None or figures is not None:
        _draw(seen, html, figures)
        return
    for line in told.table(seen):
        click.echo(line)
    click.echo(told.summary(seen))


def _draw(seen: Found, html: Path | None, figures: Path | None) -> None:
    from unstuck.report.figures import write_svg
    from unstuck.report.json import replace_text
    from unstuck.report.phase.page import page, pictures

    try:
        if html is not None:
            replace_text(html, page(seen))
            click.echo(f"unstuck: the phase diagrams are in {html}", err=True)
        if figures is not None:
            files = write_svg(pictures(seen), figures)
            click.echo(f"unstuck: {len(files)} files are in {figures}", err=True)
    except OSError as error:
        raise click.UsageError(f"nothing was drawn: {error}") from error


@command.command("list")
@store
def list_(*, store: str | None) -> None:
    """List the studies that come with unstuck, and those that were run."""
    from unstuck.lab import bench
    from unstuck.lab.store.store import Listed
    from unstuck.lab.study.study import load

    ran: dict[str, Listed] = {}
    with said():
        if store is not None or bench.PLACE.exists():
            with bench.opened(store, writes=False) as kept:
                ran = {one.name: one for one in kept.studies()}
    names = [*bench.come_with(), *(name for name in ran if name not in bench.come_with())]
    wide = max(len(name) for name in names)
    for name in names:
        ours = bench.come_with().get(name)
        title = load(ours).title if ours is not None else "your own"
        when = f"run {ran[name].when[:16].replace('T', ' ')} UTC" if name in ran else "not run"
        click.echo(f"{name:<{wide}}  {when:<24}  {title}")


@command.command("export")
@click.argument("study")
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True,
    help="What to write.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", callback=values.writable,
    help="Where to.  [default: the terminal, for csv]",
)  # fmt: skip
@click.option("--networks", is_flag=True, help="A row for each network instead of each cell.")
@which
def export(
    *,
    study: str,
    form: Literal["csv", "parquet"],
    output: Path | None,
    networks: bool,
    seeds: int | None,
    random_state: int | None,
    engine: Engine | None,
    device: str | None,
    store: str | None,
) -> None:
    """Write what is known of a STUDY as a table for other programs."""
    if form == "parquet" and output is None:
        raise click.UsageError("parquet is no text: name a file with --output")
    from unstuck.lab import bench
    from unstuck.lab.export import csv_text, parquet, table

    with said(), bench.opened(store, writes=False) as kept:
        given = bench.Given(seeds, random_state, engine, device)
        wanted, how = bench.remembered(study, kept, given)
        columns = table(wanted, kept, how, networks=networks)
        if form == "parquet":
            assert output is not None
            parquet(columns, output)
        elif output is None:
            click.echo(csv_text(columns), nl=False)
        else:
            output.write_text(csv_text(columns), encoding="utf-8")
    if output is not None:
        click.echo(f"unstuck: the table is in {output}", err=True)
