"""Whoever is killed, no row is lost, none is doubled, and nothing that was finished is trained again."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.grids import SMALL, rows, study
from unstuck.lab import bench
from unstuck.lab.pool import Pool

LONG = SMALL.replace("steps = 60", "steps = 300").replace("seeds = 60", "seeds = 100")


def seconds(store: Path) -> dict[tuple, float]:
    if not store.exists():
        return {}
    base = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        found = base.execute("SELECT cell, first, seconds FROM chunk").fetchall()
    except sqlite3.OperationalError:  # the tables are not made yet
        return {}
    finally:
        base.close()
    return {(cell, first): took for cell, first, took in found}


def begun(folder: Path, jobs: int, *, chunks: int) -> subprocess.Popen:
    """A run of the long study, of which some chunks are kept and others are not."""
    (folder / "small.toml").write_text(LONG)
    words = ["lab", "run", "small.toml", "-j", str(jobs), "--store", "lab.sqlite"]
    process = subprocess.Popen(
        [sys.executable, "-m", "unstuck", *words],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 240
    while len(seconds(folder / "lab.sqlite")) < chunks:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def resumed(folder: Path) -> None:
    with bench.opened(str(folder / "lab.sqlite"), writes=True) as store:
        wanted = study(LONG, folder)
        bench.run(wanted, store, Pool(), resume=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> list[tuple]:
    folder = tmp_path_factory.mktemp("undisturbed")
    resumed(folder)
    return rows(folder / "lab.sqlite")


def test_a_driver_that_is_killed_loses_the_chunk_in_hand_alone(tmp_path, undisturbed) -> None:
    process = begun(tmp_path, 1, chunks=3)
    process.kill()
    process.communicate()
    before = seconds(tmp_path / "lab.sqlite")
    assert 3 <= len(before) < len(undisturbed)
    resumed(tmp_path)
    assert rows(tmp_path / "lab.sqlite") == undisturbed
    after = seconds(tmp_path / "lab.sqlite")
    assert {key: after[key] for key in before} == before


def test_ctrl_c_keeps_what_was_finished_and_says_how_to_go_on(tmp_path, undisturbed) -> None:
    process = begun(tmp_path, 2, chunks=3)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "unstuck lab run small.toml --resume" in said
    assert "Traceback" not in said
    before = seconds(tmp_path / "lab.sqlite")
    assert 3 <= len(before) < len(undisturbed)
    resumed(tmp_path)
    assert rows(tmp_path / "lab.sqlite") == undisturbed


def test_chunks_of_a_worker_that_is_killed_are_trained_by_another(tmp_path, undisturbed) -> None:
    wanted, pool = study(LONG), Pool("loky", 2)
    killed: list[int] = []

    def watch(pace) -> None:
        if not killed:
            killed.append(workers()[0])
            os.kill(killed[0], signal.SIGKILL)

    with bench.opened(str(tmp_path / "lab.sqlite"), writes=True) as store:
        bench.run(wanted, store, pool, watch, resume=False)
    assert killed
    assert rows(tmp_path / "lab.sqlite") == undisturbed


def workers() -> list[int]:
    """The processes of loky that train for this one."""
    from joblib.externals.loky import reusable_executor

    return list(reusable_executor._executor._processes)


def test_nothing_is_trained_without_resume_where_something_is_kept(tmp_path) -> None:
    with bench.opened(str(tmp_path / "lab.sqlite"), writes=True) as store:
        bench.run(study(), store, Pool(), resume=False)
        before = seconds(tmp_path / "lab.sqlite")
        with pytest.raises(bench.Begun, match=r"12 chunks of small are in .* add --resume"):
            bench.run(study(), store, Pool(), resume=False)
        driven = bench.run(study(), store, Pool(), resume=True)
    assert driven.trained == 0
    assert seconds(tmp_path / "lab.sqlite") == before
