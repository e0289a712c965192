"""Comments that say what not to report, on the line that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from made import cause, suspect

from unstuck.core.recording import Where
from unstuck.report.ignore_comment import ignored, unignored


@pytest.mark.parametrize(
    ("comment", "names"),
    [
        ("# unstuck: ignore[lr-too-small]", {"lr-too-small"}),
        ("# unstuck: ignore[O004]", {"O004"}),
        ("# unstuck: ignore[lr-too-small, D001]", {"lr-too-small", "D001"}),
        ("#unstuck:ignore[D001]", {"D001"}),
        ("# noqa  # unstuck: ignore[D001]  because", {"D001"}),
        ("# unstuck: ignore", {"*"}),
    ],
)
def test_a_comment_names_what_it_ignores(comment: str, names: set[str]) -> None:
    assert ignored(f"x = 1\ny = 2  {comment}\n") == {2: names}


@pytest.mark.parametrize(
    "source",
    ["x = '# unstuck: ignore[D001]'\n", "# unstuck ignore\n", "x = (  # unstuck: ignore\n"],
)
def test_what_is_no_such_comment_ignores_nothing(source: str) -> None:
    assert ignored(source) == {}


def lines(tmp_path: Path, comment: str) -> None:
    (tmp_path / "train.py").write_text("\n" * 5 + f"out = net(x)  {comment}\n")


@pytest.mark.parametrize("names", ["[inputs-unscaled]", "[D001]", "", "[nan-loss, D001]"])
def test_a_finding_that_its_line_ignores_is_dropped(tmp_path: Path, names: str) -> None:
    lines(tmp_path, f"# unstuck: ignore{names}")
    assert unignored([cause()], root=tmp_path) == []


@pytest.mark.parametrize("comment", ["", "# unstuck: ignore[lr-too-small]", "# unstuck: ignore[]"])
def test_a_finding_that_its_line_does_not_ignore_is_kept(tmp_path: Path, comment: str) -> None:
    lines(tmp_path, comment)
    assert unignored([cause()], root=tmp_path) == [cause()]


def test_a_comment_on_another_line_ignores_nothing(tmp_path: Path) -> None:
    lines(tmp_path, "# unstuck: ignore[D001]")
    other = cause(where=Where("train.py", 5))
    assert unignored([other], root=tmp_path) == [other]


def test_findings_without_a_line_or_a_file_are_kept(tmp_path: Path) -> None:
    kept = [cause(where=None), suspect(where=Where("gone.py", 1))]
    assert unignored(kept, root=tmp_path) == kept
