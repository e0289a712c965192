"""`unstuck report` for eyes and programs, and `--report` of the commands that run a script."""

from __future__ import annotations

import json
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from stand_in import Doctor
from typed import Answer

from probe.probe_setups import drawn, heart_rate, network, recording
from unstuck.record.folder import save
from unstuck.report.page import page as pages

Here = Callable[..., Answer]


@pytest.fixture
def run(folder: Path, doctor: Doctor, here: Here) -> Path:
    """The folder of a run whose diagnosis was made by hand."""
    here("run", "-o", "run", "train.py")
    return folder / "run"


@pytest.mark.parametrize("command", ["run", "fix"])
def test_a_report_is_written_beside_the_run(
    command: str, folder: Path, doctor: Doctor, here: Here
) -> None:
    answer = here(command, "--report", "out.html", "train.py")
    assert answer.err.endswith("\nunstuck: the report is in out.html\n")
    assert (folder / "out.html").read_text().startswith("<!doctype html>")


def test_a_report_that_fails_is_one_line_and_changes_no_exit_code(
    folder: Path, doctor: Doctor, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise ZeroDivisionError("odd")

    monkeypatch.delenv("UNSTUCK_RAISE", raising=False)
    monkeypatch.setattr(pages, "page", broken)
    answer = here("run", "--report", "out.html", "train.py")
    assert answer.code == 0
    assert answer.err.endswith("unstuck: out.html was not written: odd\n")


def test_an_earlier_run_is_reported_with_pictures(run: Path, here: Here) -> None:
    answer = here("report", "--html", "out.html", "run")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "unstuck: the report is in out.html\n"
    assert "inputs-unscaled" in Path("out.html").read_text()


def test_what_was_measured_of_a_recording_is_drawn(run: Path, here: Here) -> None:
    inputs, targets = heart_rate(40)
    save(recording(network(inputs, targets, drawn([1, 1]), loss="bce_logits")), run)
    here("report", "--html", "out.html", "--with-data", "run")
    told = Path("out.html").read_text()
    assert "Targets and answers over the input" in told
    assert "Rows of the data, as asked for." in told
    here("report", "--html", "bare.html", "--anonymous", "run")
    bare = Path("bare.html").read_text()
    assert "Targets and answers over the input" in bare
    assert "No rows of the data." in bare
    assert "train.py" not in bare and "rates" not in bare


def test_a_report_is_opened_on_a_terminal_only(
    run: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    answer = here("report", "--open", "run")
    assert answer.err.endswith("it is not opened, since this is no terminal\n")
    assert opened == []
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    here("report", "--open", "run")
    assert opened == [(run / "report.html").as_uri()]


def test_pictures_become_files_and_a_missing_renderer_is_named(
    run: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    answer = here("report", "--figures", "figures", "run")
    assert answer.code == 0
    assert "vl-convert is missing: pip install 'unstuck[report]'\n" in answer.err
    assert answer.err.endswith("unstuck: 2 files are in figures\n")
    assert {file.name for file in Path("figures").iterdir()} == {
        "loss.svg",
        "trial-inputs-unscaled.svg",
    }


def test_an_answer_to_post_is_printed(run: Path, here: Here) -> None:
    assert here("report", "--format", "markdown", "run").out.startswith("**Stuck:** after")


def test_programs_get_their_forms(run: Path, here: Here) -> None:
    assert json.loads(here("report", "--format", "sarif", "run").out)["version"] == "2.1.0"
    assert here("report", "--format", "github", "run").out.startswith("::error title=unstuck::")
    assert (
        ElementTree.fromstring(here("report", "--format", "junit", "run").out).tag == "testsuites"
    )


@pytest.mark.parametrize("form", ["text", "markdown", "json", "sarif", "github", "junit"])
def test_no_form_names_the_script_where_it_is_anonymous(form: str, run: Path, here: Here) -> None:
    answer = here("report", "--anonymous", "--format", form, "run")
    assert answer.code == 0
    assert "train.py" not in answer.out
    assert "rates" not in answer.out
