"""`unstuck lab run`, `show`, `list` and `export`, as one types them."""

import csv
import importlib.util
import io

import pytest
from click.testing import CliRunner

from lab.grids import SMALL
from unstuck.cli.group import unstuck


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("lab")
    (place / "small.toml").write_text(SMALL)
    return place


@pytest.fixture
def typed(folder, monkeypatch):
    monkeypatch.chdir(folder)

    def run(*words, code=0):
        done = CliRunner().invoke(unstuck, ["lab", *words])
        assert done.exit_code == code, done.output
        return done.output

    return run


@pytest.fixture
def ran(typed, folder):
    if not (folder / ".unstuck" / "lab.sqlite").exists():
        typed("run", "small.toml", "-j", "1")
    return typed


def test_a_run_ends_in_its_table(ran) -> None:
    said = ran("run", "small.toml", "-j", "1", "--resume")
    assert "share   95 % interval" in said
    assert said.count("/60") == 4
    assert "4 cells, 240 networks" in said


def test_a_study_is_shown_by_its_name(ran) -> None:
    assert ran("show", "small").count("/60") == 4
    assert ran("show", "small.toml").count("/60") == 4


def test_seeds_that_were_not_trained_are_missing(ran) -> None:
    assert "4 chunks are missing" in ran("show", "small", "--seeds", "80")


def test_a_page_is_written(ran, folder) -> None:
    assert "the phase diagrams are in small.html" in ran("show", "small", "--html", "small.html")
    assert "<svg" in (folder / "small.html").read_text()


def test_studies_are_listed(ran) -> None:
    said = ran("list")
    assert "xnor" in said and "not run" in said
    assert [line for line in said.splitlines() if line.startswith("small") and " UTC" in line]


def test_csv_has_a_row_for_each_cell_or_network(ran) -> None:
    cells = list(csv.DictReader(io.StringIO(ran("export", "small"))))
    assert [row["network.widths"] for row in cells] == ["2-2", "2-2", "4-4", "4-4"]
    networks = list(csv.DictReader(io.StringIO(ran("export", "small", "--networks"))))
    assert len(networks) == 240
    learned = sum(int(row["hit"]) >= 0 for row in networks)
    assert learned == sum(int(row["learned"]) for row in cells)


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed")
def test_parquet_says_the_same_as_csv(ran, folder) -> None:
    import pandas

    ran("export", "small", "--format", "parquet", "-o", "small.parquet")
    cells = list(csv.DictReader(io.StringIO(ran("export", "small"))))
    table = pandas.read_parquet(folder / "small.parquet")
    assert table["share"].tolist() == [float(row["share"]) for row in cells]


MISTAKES = {
    "another study": (["run", "nothing.toml"], "there is no study file 'nothing.toml'"),
    "not run": (["show", "heart"], "there is no study 'heart' in"),
    "a cluster of loky": (
        ["run", "xnor", "--cluster", "x"],
        "--cluster is about --backend dask or ray",
    ),
    "parquet on a terminal": (
        ["export", "small", "--format", "parquet"],
        "name a file with --output",
    ),
    "no study": (["run"], "name a study: a file, or one of heart-rate"),
    "no such device": (
        ["run", "xnor", "--device", "gpu"],
        "torch cannot train on the device 'gpu'",
    ),
    "a strange store": (
        ["list", "--store", "mysql://x"],
        "a store is a file or a postgresql:// URL",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence(name, ran) -> None:
    words, said = MISTAKES[name]
    assert said in ran(*words, code=2)


def test_what_was_said_beside_a_study_is_remembered(typed, tmp_path) -> None:
    store = ["--store", str(tmp_path / "lab.sqlite")]
    typed("run", "small.toml", "-j", "1", "--seeds", "5", "--random-state", "3", *store)
    assert typed("show", "small", *store).count("/5 ") == 4
    assert "4 chunks are missing" in typed("show", "small", "--random-state", "4", *store)
