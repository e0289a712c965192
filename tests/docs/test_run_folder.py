"""docs/run-folder.md names every file and every key that is there, and no other."""

import dataclasses
import re
from pathlib import Path

from unstuck.cli import page, run_folder
from unstuck.core.quantities import QUANTITIES
from unstuck.core.recording import SCHEMA, Recording
from unstuck.core.setup import Setup
from unstuck.record import elsewhere, folder
from unstuck.record.torch import rows
from unstuck.report import curves, saved
from unstuck.runner import ending, job, trouble

PAGE = (Path(__file__).parents[2] / "docs" / "run-folder.md").read_text(encoding="utf-8")
TABLES = [
    re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    for table in re.split(r"\n\n", PAGE)
    if table.startswith("| ")
]


def keys(number: int) -> list[str]:
    return [name for cell in TABLES[number] for name in re.findall(r"`([^`]+)`", cell)]


def test_its_files_are_those_that_are_written() -> None:
    written = {job.FILE, job.BEGUN, ending.FILE, trouble.FILE, "stdout", "stderr", saved.PATCH}
    written |= {
        run_folder.OUTCOME,
        run_folder.DIAGNOSIS,
        f"{folder.NAME}/",
        curves.CURVES,
        page.NAME,
        elsewhere.FILE,
    }
    assert set(keys(0)) == written


def test_its_keys_are_those_of_a_recording() -> None:
    assert keys(1) == [field.name for field in dataclasses.fields(Recording)]


def test_its_tables_are_those_that_are_recorded() -> None:
    recorded = [name for name, one in QUANTITIES.items() if one.source == "record"]
    assert keys(2) == [name for name in recorded if name != "setup"]


def test_its_keys_of_the_setup_are_those_of_a_setup() -> None:
    assert keys(3) == [field.name for field in dataclasses.fields(Setup)]


def test_its_numbers_are_those_of_the_recorder() -> None:
    assert f"`schema` is {SCHEMA};" in PAGE
    assert f"at most {rows.MAX_BYTES // 2**20} MiB" in PAGE
