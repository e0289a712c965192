"""Progress is for eyes: on a terminal, for work that takes long, and gone when it is done."""

from __future__ import annotations

import contextlib
import io

import pytest

from unstuck.cli import progress as progressing
from unstuck.cli.progress import progress
from unstuck.core.options import silent


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """All work is long work."""
    monkeypatch.setattr(progressing, "PATIENCE", -1.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def seen(what: str, done: float | None, *, quiet: bool = False) -> str:
    """What a terminal is sent while this is reported."""
    terminal = Terminal()
    with contextlib.redirect_stderr(terminal), progress(quiet=quiet) as report:
        report(what, done)
    return terminal.getvalue()


def test_nothing_is_shown_where_nobody_looks() -> None:
    with contextlib.redirect_stderr(io.StringIO()), progress() as report:
        assert report is silent


def test_long_work_shows_what_is_tried_and_how_far_it_is() -> None:
    shown = seen("training [64] networks", 0.5)
    assert "training [64] networks" in shown
    assert "50%" in shown


def test_work_of_unknown_length_shows_what_is_done() -> None:
    assert "measuring" in seen("measuring", None)


def test_nothing_is_shown_to_those_who_want_quiet() -> None:
    assert seen("training", 0.5, quiet=True) == ""


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progressing, "PATIENCE", 60.0)
    assert "training" not in seen("training", 0.5)


def test_a_share_beyond_all_is_all() -> None:
    assert "100%" in seen("training", 1.5)


def test_the_bar_is_erased_at_the_end() -> None:
    assert seen("training", 0.5).endswith("\x1b[2K")
