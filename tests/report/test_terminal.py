"""Painting: colours where they are wanted, signs that the stream can carry."""

from __future__ import annotations

import io

import pytest
from made import diagnosis

from unstuck.report.marks import ASCII, UNICODE, marks_for
from unstuck.report.source import Source
from unstuck.report.terminal import show

ESCAPE = "\x1b["


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM", "LC_ALL", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LANG", "C.UTF-8")


def shown(stream: io.StringIO, **more: object) -> str:
    show(diagnosis(), stream, source=Source(("train.py",)), **more)  # type: ignore[arg-type]
    return stream.getvalue()


def test_a_terminal_gets_colours() -> None:
    assert ESCAPE in shown(Terminal())


def test_a_pipe_gets_none() -> None:
    assert ESCAPE not in shown(io.StringIO())


def test_a_terminal_with_no_color_set_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert ESCAPE not in shown(Terminal())


def test_never_means_none_on_a_terminal() -> None:
    assert ESCAPE not in shown(Terminal(), colour="never")


def test_always_means_colours_in_a_pipe_even_with_no_color_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;31mStuck\x1b[0m" in shown(io.StringIO(), colour="always")


def test_square_brackets_are_no_markup() -> None:
    stream = io.StringIO()
    made = diagnosis(sentence="see x[0] and [bold]this[/bold]")
    show(made, stream, source=Source())
    assert "x[0] and [bold]this[/bold]" in stream.getvalue()


def test_a_pipe_gets_lines_uncut() -> None:
    assert "flat over the whole data\n" in shown(io.StringIO())


def test_a_terminal_gets_lines_cut_to_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    text = shown(Terminal(), colour="never")
    assert max(map(len, text.splitlines()[:-1])) <= 72


@pytest.mark.parametrize(
    ("encoding", "environment", "marks"),
    [
        ("utf-8", {"LANG": "en_US.UTF-8"}, UNICODE),
        ("utf-8", {}, UNICODE),
        ("ascii", {}, ASCII),
        ("latin-1", {}, ASCII),
        (None, {}, ASCII),
        ("no-such-encoding", {}, ASCII),
        ("utf-8", {"LC_ALL": "C"}, ASCII),
        ("utf-8", {"LANG": "POSIX"}, ASCII),
        ("utf-8", {"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),
        ("utf-8", {"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, UNICODE),
        ("utf-8", {"LANG": "C", "LC_ALL": "C.UTF-8"}, UNICODE),
    ],
)
def test_marks_are_those_that_stream_and_locale_carry(
    encoding: str | None, environment: dict[str, str], marks: object
) -> None:
    assert marks_for(encoding, environment) is marks
