"""What happens in the script's process before its first line, and after its last one.

The observer's `finish` is the first `atexit` function that is registered, so it is the last
that is called: after the main code, after the threads that python waits for, and after the
script's own `atexit` functions, when everything that trains has trained, but before modules are
cleared, so weights can still be read. No thread or process may be started in it. A forked child of
the script inherits all this, and does nothing at its end.
"""

import atexit
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from unstuck.runner import ending, own, stop, trouble
from unstuck.runner import job as jobs
from unstuck.runner.job import Job

LOUD = 70
"""The status with which our own failures end the process in tests."""

Finish = Callable[[dict[str, Any]], object]


def begin(folder: str, *, before: frozenset[str], clean_path: list[str], path: list[str]) -> None:
    """Prepare the process for the script; called while python starts."""
    run_folder = Path(folder)
    trouble.keep_in(run_folder)
    (run_folder / jobs.BEGUN).touch()
    job, deadline = jobs.read(run_folder)
    stop.stop_at(deadline)
    os.register_at_fork(after_in_child=partial(stop.stop_at, None))
    own.remember(clean_path)
    finishes: list[Finish] = []
    atexit.register(_end, run_folder, finishes, os.getpid())
    try:
        _prepare(job, run_folder, finishes)
    finally:
        own.step_aside(before=before, path=[*first_entry(job), *path])


def _prepare(job: Job, folder: Path, finishes: list[Finish]) -> None:
    """Install what the job asks for; each part is loaded only where it is needed."""
    if job.redirect:
        from unstuck.runner.redirect import redirect

        redirect(job.redirect)
    if job.protect:
        from unstuck.runner.protect import protect

        protect(job.protect, allow=(*job.allow, folder))
    if job.seed_offset:
        from unstuck.runner.seeds import shift

        shift(job.seed_offset)
    if job.observer is not None:
        with _told("the start of the observer failed", but=(KeyboardInterrupt,)):
            finishes.append(_start(job.observer)(folder, dict(job.options)))


@contextmanager
def _told(what: str, *, but: tuple[type[BaseException], ...] = ()) -> Iterator[None]:
    """Keep a failure of the observer from the script; loud in tests, where it ends the process.

    An exception would not do: python swallows those of start-up hooks and `atexit` functions.
    """
    try:
        yield
    except but:
        raise
    except BaseException as error:
        trouble.note(what, error)
        if trouble.raising():
            sys.__excepthook__(type(error), error, error.__traceback__)
            os._exit(LOUD)


def _start(observer: str) -> Callable[[Path, dict[str, Any]], Finish]:
    module, _, function = observer.partition(":")
    start: Callable[[Path, dict[str, Any]], Finish] = getattr(import_module(module), function)
    return start


def first_entry(job: Job) -> Sequence[str]:
    """What python is about to put at the front of `sys.path`: nothing, or one entry."""
    if sys.flags.safe_path:
        return ()
    if job.kind != "script":
        return (os.getcwd(),)
    if job.target == "-":
        return (os.getcwd(),)
    is_archive = os.path.isdir(job.target) or _is_zip(job.target)
    return (job.target if is_archive else os.path.dirname(os.path.realpath(job.target)),)


def _is_zip(path: str) -> bool:
    """Whether python would run the file as an archive; the end of a zip file carries a mark."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - 65_557))  # the longest end record
            return b"PK\5\6" in file.read()
    except OSError:
        return False


def _end(folder: Path, finishes: list[Finish], pid: int) -> None:
    """Write down how the script ended, and let the observer finish."""
    if os.getpid() != pid:
        return
    end = ending.now()
    with _told("the end of the run could not be written down"):
        ending.write(end, folder)
    with _told("the end of the observer failed"), own.importing():
        for finish in finishes:
            finish(asdict(end))
