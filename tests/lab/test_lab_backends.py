"""The same study gives the same rows, bit for bit, on real local clusters; loky's are compared where workers are killed."""

import importlib.util

import pytest

from lab.grids import rows, study
from unstuck.lab import bench
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.pool import Pool


def trained(folder, pool, text=None) -> list[tuple]:
    wanted = study() if text is None else study(text)
    with bench.opened(str(folder / "lab.sqlite"), writes=True) as store:
        bench.run(wanted, store, pool, resume=False)
    return rows(folder / "lab.sqlite")


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> list[tuple]:
    return trained(tmp_path_factory.mktemp("here"), Pool())


@pytest.mark.dear
@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="Dask is not installed")
def test_a_cluster_of_dask_gives_the_same_rows(tmp_path, here) -> None:
    assert len(here) == 12
    assert trained(tmp_path, Pool("dask", 2)) == here


@pytest.mark.dear
@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_a_cluster_of_ray_gives_the_same_rows(tmp_path, here) -> None:
    assert trained(tmp_path, Pool("ray", 2)) == here


def test_a_backend_that_is_not_installed_is_named_with_its_cure(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(Mistaken, match=r"needs Dask: pip install 'unstuck\[dask\]'"):
        trained(tmp_path, Pool("dask", 1))
