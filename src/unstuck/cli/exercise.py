"""`unstuck case make` and `check`: a sick script with planted faults, and its sealed answer."""

from __future__ import annotations

import difflib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from unstuck.casebook.planted.exercise import Exercise, Shown


@click.command("make")
@click.option(
    "--faults",
    type=click.IntRange(1, 3),
    default=2,
    show_default=True,
    metavar="N",
    help="Faults to plant, 1 to 3; each of them has to be mended before it learns.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    required=True,
    metavar="S",
    help="The same seed makes the same exercise.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The script to write; the answer goes beside it, as FILE.sealed.  [default: exercise_<S>.py]",
)
def make(*, faults: int, seed: int, out: Path | None) -> None:
    """Make an exercise: a script that does not learn, and a sealed answer.

    Scripts are drawn, and each is trained (about ten small trainings, a second or two each) until one is found
    that learns without its faults and with any of them does not. `unstuck case check` opens the answer.
    """
    from unstuck.casebook.planted.sealed import beside, seal

    script = out or Path(f"exercise_{seed}.py")
    if script.suffix != ".py":
        raise click.UsageError(f"--out {str(script)!r} is no python script; let it end in .py")
    answer = beside(script)
    present = next((file for file in (script, answer) if file.exists()), None)
    if present is not None:
        raise click.UsageError(f"{str(present)!r} exists already, and is not overwritten")
    began = time.perf_counter()
    task = _made(faults, seed)
    try:
        script.write_text(task.text, encoding="utf-8")
        answer.write_text(seal(task), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{str(script)!r} was not written: {error.strerror}") from error
    took = time.perf_counter() - began
    click.echo(f"{script}\n{answer}")
    click.echo(
        f"unstuck: {task.trainings} trainings in {took:.0f} s show that it is sick, that it learns once all"
        f" faults are mended, and not before",
        err=True,
    )


def _made(faults: int, seed: int) -> Exercise:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from unstuck.casebook.planted.exercise import NoExercise, exercise

    def told(text: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    try:
        return exercise(faults, seed, told=told)
    except NoExercise as error:
        raise click.ClickException(f"{error}; try another --seed, or fewer --faults") from error
    finally:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--keep-sealed",
    is_flag=True,
    help="Only run the changed script and say whether it learns; keep the answer to yourself.",
)
def check(*, file: Path, keep_sealed: bool) -> None:
    """Open the answer of an exercise; where FILE was changed, run it first and say whether it learns.

    FILE is the script, with its answer beside it, or the sealed answer itself. The exit code is 1 where a changed
    script does not learn.
    """
    task = _opened(file)
    text = file.read_text(encoding="utf-8") if file.suffix == ".py" else task.text
    changed = text != task.text
    if keep_sealed and not changed:
        raise click.UsageError(f"{str(file)!r} is as it was made: there is nothing to run yet")
    shown = _trained(task, text, file) if changed else None
    if shown is not None:
        click.echo(_verdict(shown))
    if not keep_sealed:
        click.echo(answer(task))
    sys.exit(1 if shown is not None and not _learns(shown) else 0)


def _opened(file: Path) -> Exercise:
    from unstuck.casebook.planted.sealed import Unsealable, beside, open_

    place = beside(file)
    try:
        return open_(place.read_text(encoding="utf-8"))
    except Unsealable as error:
        raise click.UsageError(f"{str(place)!r} cannot be opened: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(
            f"the answer of {str(file)!r} is not beside it: there is no {str(place)!r}"
        ) from error


def _trained(task: Exercise, text: str, file: Path) -> Shown:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from unstuck.casebook.planted.exercise import mended
    from unstuck.casebook.planted.trained import Broken

    try:
        return mended(task, text)
    except Broken as error:
        raise click.ClickException(
            f"{str(file)!r} does not run, or has lost the names of the exercise ({error});"
            f" `unstuck run {file}` says more"
        ) from error


def _learns(shown: Shown) -> bool:
    return shown.learned * 2 > shown.runs


def _verdict(shown: Shown) -> str:
    if _learns(shown):
        return f"Mended: {shown.learned} of {shown.runs} runs of the changed script learned."
    return (
        f"Not mended: {shown.learned} of {shown.runs} runs of the changed script learned. (It is judged on its"
        " rows as they are when it ends: rows that are scaled have to keep their name.)"
    )


def answer(task: Exercise) -> str:
    """Return the answer in words: the faults, what proves them, and the diff that mends all."""
    parts = ["The answer:"]
    for number, fault in enumerate(task.faults, 1):
        parts.append(f"  {number}. {' or '.join(fault.names)}  (unstuck explain {fault.names[0]})")
        parts += [f"     - {line}" for line in fault.before]
        parts += [f"     + {line}" for line in fault.after]
    parts.append("\nTrained:")
    parts += [
        f"  {_mended(one, len(task.faults))}: {one.learned} of {one.runs} runs learned"
        for one in task.shown
    ]
    before, after = task.text.splitlines(), task.healthy.splitlines()
    diff = difflib.unified_diff(before, after, "sick", "healthy", lineterm="")
    return "\n".join([*parts, "", *diff])


def _mended(shown: Shown, faults: int) -> str:
    if not shown.mended:
        return "as it is"
    if len(shown.mended) == faults:
        return "all mended"
    return f"{' and '.join(shown.mended)} mended"
