"""Where chunks are trained: in this process, or by joblib on loky, Dask or Ray.

Workers train and return; nothing here decides what is trained, and no number depends on who trains it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from unstuck.lab.engine.chunk import Outcome, Work
from unstuck.lab.engine.train import train
from unstuck.lab.mistaken import Mistaken

Backend = Literal["loky", "dask", "ray"]
BACKENDS: tuple[Backend, ...] = ("loky", "dask", "ray")
AGAIN = (
    3  # times in a row that workers may die before nothing comes back, and the study is given up
)
PER_JOB = 2  # chunks for each worker in a list, where a backend takes lists only


class Pool:
    """Workers of one backend. jobs: how many; 1 of loky trains in this process. address: of a cluster."""

    def __init__(
        self, backend: Backend = "loky", jobs: int = 1, address: str | None = None
    ) -> None:
        self.backend, self.jobs, self.address = backend, jobs, address

    @contextmanager
    def open(self) -> Iterator[None]:
        """Have the workers ready within this context; a cluster that was started for it ends with it."""
        if self.backend == "dask":
            with _dask(self.address, self.jobs):
                yield
        elif self.backend == "ray":
            with _ray(self.address, self.jobs):
                yield
        else:
            try:
                yield
            finally:
                if self.jobs > 1:
                    _end_loky()

    def train(self, works: Sequence[Work]) -> Iterator[Outcome]:
        """Yield what comes of each chunk, in any order; a chunk whose worker died is trained again.

        Raises Mistaken where workers keep dying, and whatever a training raises.
        """
        if self.backend == "loky" and self.jobs == 1:
            yield from map(train, works)
            return
        left, failures = {work.key: work for work in works}, 0
        while left:
            try:
                for outcome in self._pass(list(left.values())):
                    del left[outcome.key]
                    failures = 0
                    yield outcome
            except _deaths() as error:
                failures += 1
                if failures > AGAIN:
                    raise Mistaken(
                        f"workers died {failures} times in a row ({type(error).__name__}); is there"
                        " memory enough? Finished chunks are kept: try fewer with -j"
                    ) from error
                _end_loky()

    def _pass(self, works: list[Work]) -> Iterator[Outcome]:
        from joblib import Parallel, delayed, parallel_config  # type: ignore[import-untyped]

        jobs = [delayed(train)(work) for work in works]
        lists = self.backend == "ray"  # its backend of joblib returns no generators
        returned = "list" if lists else "generator_unordered"
        with parallel_config(backend=self.backend):
            parallel = Parallel(n_jobs=self.jobs, return_as=returned, batch_size=1)
        for part in _parts(jobs, PER_JOB * self.jobs) if lists else [jobs]:
            yield from parallel(part)


def _parts(jobs: list[Any], size: int) -> Iterator[list[Any]]:
    for at in range(0, len(jobs), size):
        yield jobs[at : at + size]


def _deaths() -> tuple[type[BaseException], ...]:
    """Return what says that a worker has died, of loky and of whatever else is there."""
    executor = import_module("joblib.externals.loky.process_executor")
    found = [executor.TerminatedWorkerError, executor.BrokenProcessPool]
    if "distributed" in sys.modules:
        found.append(import_module("distributed.scheduler").KilledWorker)
    if "ray" in sys.modules:
        errors = import_module("ray.exceptions")
        found += [errors.RayActorError, errors.WorkerCrashedError]
    return tuple(found)


def _end_loky() -> None:
    """End the workers of loky, at once; asking for them by its public function would start new ones."""
    workers = import_module("joblib.externals.loky.reusable_executor")._executor
    if workers is not None:
        workers.shutdown(wait=False, kill_workers=True)


@contextmanager
def _dask(address: str | None, jobs: int) -> Iterator[None]:
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise Mistaken("the backend dask needs Dask: pip install 'unstuck[dask]'") from error
    cluster: Any = None
    if address is None:
        cluster = distributed.LocalCluster(
            n_workers=jobs,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.ERROR,
        )
    try:
        with distributed.Client(address or cluster, set_as_default=True):
            yield
    finally:
        if cluster is not None:
            cluster.close()


@contextmanager
def _ray(address: str | None, jobs: int) -> Iterator[None]:
    try:
        ray = import_module("ray")
        import_module("ray.util.joblib").register_ray()
    except ImportError as error:
        raise Mistaken("the backend ray needs Ray: pip install 'unstuck[ray]'") from error
    mine = not ray.is_initialized()
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if mine and address is None:
        ray.init(num_cpus=jobs, include_dashboard=False, **quiet)
    elif mine:
        ray.init(address=address, **quiet)
    try:
        yield
    finally:
        if mine:
            ray.shutdown()
