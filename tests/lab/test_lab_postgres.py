"""A team's store in PostgreSQL, on a real server that the test starts."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.grids import study
from unstuck.lab import bench
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.plan import How, cells
from unstuck.lab.pool import Pool


def tool(name: str) -> str | None:
    """A program of the server, also where Debian keeps those."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, places)])
    return shutil.which(name, path=path)


pytestmark = [
    pytest.mark.skipif(tool("initdb") is None, reason="no PostgreSQL server is installed"),
    pytest.mark.skipif(
        importlib.util.find_spec("psycopg") is None, reason="psycopg is not installed"
    ),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A server of its own, on a socket in a folder; as another user where root runs the tests."""
    import tempfile

    place = Path(tempfile.mkdtemp(prefix="pg"))
    root = os.getuid() == 0
    if root and subprocess.run(["id", "postgres"], capture_output=True).returncode:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    if root:
        shutil.chown(place, "postgres")

    def run(*words: str) -> None:
        told = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if root else []
        subprocess.run([*told, *words], check=True, capture_output=True, cwd=place)

    data = str(place / "data")
    run(tool("initdb"), "-D", data, "-U", "unstuck", "-A", "trust", "--no-sync")
    settings = f"-c listen_addresses='' -c unix_socket_directories={place} -c fsync=off"
    run(tool("pg_ctl"), "-D", data, "-o", settings, "-l", str(place / "log"), "-w", "start")
    yield f"postgresql://unstuck@/postgres?host={place}"
    run(tool("pg_ctl"), "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(place)


def test_rows_are_kept_and_found_again(url) -> None:
    with pytest.raises(Mistaken, match="nothing was run yet"), bench.opened(url, writes=False):
        pass
    wanted = study()
    with bench.opened(url, writes=True) as store:
        bench.run(wanted, store, Pool(), resume=False)
        with bench.opened(url, writes=True) as other:  # somebody else of the team
            driven = bench.run(wanted, other, Pool(), resume=True)
    assert driven.trained == 0
    with bench.opened(url, writes=False) as store:
        found = list(store.chunks(one.key for one in cells(wanted, How())))
        assert [one.name for one in store.studies()] == ["small"]
    assert sorted((one.first, one.count) for one in found) == [
        (at, 20) for at in (0, 20, 40) for _ in range(4)
    ]


def test_tables_of_a_later_version_are_left_as_they_are(url) -> None:
    import psycopg

    with bench.opened(url, writes=True):
        pass
    with psycopg.connect(url, autocommit=True) as base:
        base.execute("UPDATE unstuck_schema SET version = version + 1")
        with (
            pytest.raises(Mistaken, match="written by a later unstuck"),
            bench.opened(url, writes=True),
        ):
            pass
        assert base.execute("SELECT version FROM unstuck_schema").fetchone() == (2,)
        base.execute("UPDATE unstuck_schema SET version = version - 1")


def test_a_server_that_is_not_there_is_said_without_a_password() -> None:
    with (
        pytest.raises(Mistaken) as raised,
        bench.opened("postgresql://me:secret@localhost:1/lab", writes=True),
    ):
        pass
    assert "postgresql://localhost/lab cannot be used as a store" in str(raised.value)
    assert "secret" not in str(raised.value)
