"""Where our options end and the script's words begin."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from unstuck.cli.run import command
from unstuck.cli.target import Target, split, target_of

VALUED = frozenset({"-o", "--output", "--budget"})


@pytest.mark.parametrize(
    ("args", "ours", "words"),
    [
        (["train.py"], [], ["train.py"]),
        (["train.py", "--budget", "9"], [], ["train.py", "--budget", "9"]),
        (["--budget", "9", "train.py", "-v"], ["--budget", "9"], ["train.py", "-v"]),
        (["--budget=9", "train.py"], ["--budget=9"], ["train.py"]),
        (["-o", "out", "train.py"], ["-o", "out"], ["train.py"]),
        (["-oout", "train.py"], ["-oout"], ["train.py"]),
        (["-qo", "out", "train.py"], ["-qo", "out"], ["train.py"]),
        (["-v", "train.py"], ["-v"], ["train.py"]),
        (["-v", "--", "train.py", "--", "x"], ["-v"], ["train.py", "--", "x"]),
        (["train.py", "--"], [], ["train.py", "--"]),
        (["-m", "pkg.train", "-v"], [], ["-m", "pkg.train", "-v"]),
        (["-v", "-mpkg", "-q"], ["-v"], ["-m", "pkg", "-q"]),
        (["-c", "print(1)", "-v"], [], ["-c", "print(1)", "-v"]),
        (["--budget", "-m", "train.py"], ["--budget", "-m"], ["train.py"]),
        (["-v"], ["-v"], []),
        (["--budget"], ["--budget"], []),
        ([], [], []),
    ],
)
def test_our_options_end_at_the_first_positional_word(
    args: list[str], ours: list[str], words: list[str]
) -> None:
    assert split(args, VALUED) == (ours, tuple(words))


def test_the_command_knows_which_of_its_options_take_a_value() -> None:
    args = ["-v", "--members", "8", "--select", "O001", "--no-prove", "-o", "x", "train.py", "-q"]
    with command.make_context("run", args) as ctx:
        assert ctx.meta["words"] == ("train.py", "-q")
        assert (ctx.params["members"], ctx.params["quiet"]) == (8, False)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("")
    return "train.py"


def test_a_script_is_taken_with_its_arguments(script: str) -> None:
    assert target_of([script, "--lr", "1"]) == Target("script", script, ("--lr", "1"))


def test_a_module_is_taken_with_its_arguments() -> None:
    assert target_of(["-m", "pkg.train", "-x"]) == Target("module", "pkg.train", ("-x",))


def test_code_is_taken_with_its_arguments() -> None:
    assert target_of(["-c", "print(1)", "a"]) == Target("code", "print(1)", ("a",))


@pytest.mark.parametrize("words", [["train.py", "a b"], ["-m", "pkg", "x"], ["-c", "1", "-v"]])
def test_the_words_of_a_target_lead_to_it_again(words: list[str], script: str) -> None:
    assert list(target_of(words).words) == words


@pytest.mark.parametrize(
    ("target", "label"),
    [
        (Target("script", "a/b/train me.py"), "train-me"),
        (Target("module", "pkg.sub.train"), "train"),
        (Target("code", "import os"), "code"),
        (Target("script", ".."), "--"),
    ],
)
def test_a_label_is_fit_for_a_folder(target: Target, label: str) -> None:
    assert target.label == label


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name a script to run, such as train.py"),
        (["trian.py"], "there is no file 'trian.py'; did you mean train.py?"),
        (["zzz"], "there is no file 'zzz'"),
        (["folder"], "'folder' is a folder without a __main__.py"),
        (["-m"], "-m needs a module's name behind it"),
        (["-c"], "-c needs code behind it"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_sentence(
    words: list[str], sentence: str, script: str
) -> None:
    Path("folder").mkdir()
    with pytest.raises(click.UsageError) as refused:
        target_of(words)
    assert refused.value.message == sentence


def test_a_folder_with_a_main_file_can_be_run(script: str) -> None:
    Path("app").mkdir()
    Path("app/__main__.py").write_text("")
    assert target_of(["app"]).kind == "script"
