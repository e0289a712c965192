"""The lab's engines beside other ways to train many small networks: networks x steps a second of XNOR.

    python -m benchmarks.lab [--device cuda] [--members 1000] [--steps 300] [--widths 8-8 …] [--workers]

One thread of one core, all in one run, by processor time (on a GPU by the clock): (a) a loop in plain PyTorch,
network after network, (b) torch.func.vmap, (c) batched matrix products written by hand, (d) jax.jit(vmap(scan)),
and the lab's own engines. Peak: multiply-adds of a large matrix product, measured in the same run.
`--workers` also times the study on one and on two processes, by the clock: it needs two free cores.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

import numpy as np
import torch
from torch.nn import functional

from unstuck.lab.engine.chunk import Work
from unstuck.lab.engine.starts import starts
from unstuck.lab.engine.train import train
from unstuck.lab.study.posed import posed
from unstuck.lab.study.rows import rows, xnor
from unstuck.lab.study.settings import usual

WIDTHS = [(2, 2), (4, 4), (8, 8), (16, 16)]
RATE = 0.1
ALONE = 300  # steps of (a), which trains one network

Run = Callable[[], object]


class Bench:
    """One width: the same task, the same starts, and a clock."""

    def __init__(self, widths: tuple[int, ...], members: int, steps: int, device: str) -> None:
        self.sizes, self.members, self.steps, self.device = (4, *widths, 1), members, steps, device
        given = {
            "network.widths": list(widths),
            "network.output": "sigmoid",
            "training.loss": "bce",
        }
        found = rows({"name": "xnor"}, Path())
        self.setup = posed({**usual(), **given, "training.steps": steps}, found)
        self.x, self.y = (torch.tensor(a, dtype=torch.float32, device=device) for a in xnor())

    def work(self, engine: str) -> Work:
        return Work("k", self.setup, 0, self.members, 0.05, 0, engine, self.device)  # type: ignore[arg-type]

    def weights(self, members: int) -> list[torch.Tensor]:
        flat = torch.from_numpy(starts(self.setup, 0, members, 0)).to(self.device)
        parts = flat.split([p.start.size for p in self.setup.parameters], 1)
        shapes = [p.start.shape for p in self.setup.parameters]
        return [p.reshape(members, *s).contiguous() for p, s in zip(parts, shapes, strict=True)]

    def multiply_adds(self) -> int:
        """Of one network and step: forward, backward to the weights, and to the inputs but of the first layer."""
        pairs = list(zip(self.sizes, self.sizes[1:], strict=False))
        return 4 * (3 * sum(a * b for a, b in pairs) - pairs[0][0] * pairs[0][1])


def plain(bench: Bench) -> tuple[int, Run]:
    made = [w[0].clone().requires_grad_() for w in bench.weights(1)]
    optimizer = torch.optim.SGD(made, lr=RATE)

    def run() -> None:
        for _ in range(ALONE):
            optimizer.zero_grad()
            here = bench.x
            for at in range(0, len(made), 2):
                here = functional.linear(here, made[at], made[at + 1])
                here = here.relu() if at < len(made) - 2 else here.sigmoid()
            functional.binary_cross_entropy(here, bench.y).backward()
            optimizer.step()

    return ALONE, run


def vmapped(bench: Bench) -> tuple[int, Run]:
    from torch.func import grad, vmap

    def loss(made: tuple[torch.Tensor, ...]) -> torch.Tensor:
        here = bench.x
        for at in range(0, len(made), 2):
            here = functional.linear(here, made[at], made[at + 1])
            here = here.relu() if at < len(made) - 2 else here.sigmoid()
        return functional.binary_cross_entropy(here, bench.y)

    step, made = vmap(grad(loss)), bench.weights(bench.members)

    def run() -> None:
        for _ in range(bench.steps):
            for one, slope in zip(made, step(tuple(made)), strict=True):
                one.sub_(slope, alpha=RATE)

    return bench.members * bench.steps, run


def by_hand(bench: Bench) -> tuple[int, Run]:
    made = bench.weights(bench.members)
    weights, biases = [w.mT.contiguous() for w in made[0::2]], [b.unsqueeze(1) for b in made[1::2]]
    x = bench.x.expand(bench.members, 4, 4).contiguous()

    def run() -> None:
        for _ in range(bench.steps):
            here = [x]
            for at, (w, b) in enumerate(zip(weights, biases, strict=True)):
                z = torch.baddbmm(b, here[-1], w)
                here.append(z.relu_() if at < len(weights) - 1 else z.sigmoid_())
            d = (here[-1] - bench.y) / 4
            for at in range(len(weights) - 1, -1, -1):
                slope, total = torch.bmm(here[at].mT, d), d.sum(1, keepdim=True)
                if at:
                    d = torch.bmm(d, weights[at].mT) * (here[at] > 0)
                weights[at].sub_(slope, alpha=RATE)
                biases[at].sub_(total, alpha=RATE)

    return bench.members * bench.steps, run


def in_jax(bench: Bench) -> tuple[int, Run]:
    import jax
    import jax.numpy as jnp

    x, y = (jnp.asarray(a, jnp.float32) for a in xnor())
    begin = [jnp.asarray(w.cpu().numpy()) for w in bench.weights(bench.members)]

    def loss(made: list[object]) -> object:
        here = x
        for at in range(0, len(made), 2):
            here = here @ made[at].T + made[at + 1]  # type: ignore[attr-defined]
            here = jax.nn.relu(here) if at < len(made) - 2 else here
        return jnp.mean(jnp.logaddexp(here, 0.0) - y * here)

    def one(made: list[object]) -> object:
        def step(made: list[object], _: object) -> tuple[object, None]:
            slope = jax.grad(loss)(made)
            return jax.tree.map(lambda a, b: a - RATE * b, made, slope), None

        return jax.lax.scan(step, made, None, length=bench.steps)[0]

    run = jax.jit(jax.vmap(one))
    return bench.members * bench.steps, lambda: jax.block_until_ready(run(begin))


def of_the_lab(engine: str) -> Callable[[Bench], tuple[int, Run]]:
    return lambda bench: (bench.members * bench.steps, lambda: train(bench.work(engine)))


def ways(device: str) -> dict[str, Callable[[Bench], tuple[int, Run]]]:
    jax = importlib.util.find_spec("jax") is not None and device == "cpu"
    return {
        "(a) plain PyTorch": plain,
        "(b) torch.func.vmap": vmapped,
        "(c) batched products": by_hand,
        **({"(d) jax.jit(vmap(scan))": in_jax} if jax else {}),
        "lab, stacked": of_the_lab("stacked"),
        **({"lab, jax": of_the_lab("jax")} if jax else {}),
    }


def clock(device: str) -> float:
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def fastest(run: Run, device: str, times: int = 3) -> float:
    """Seconds of the fastest of some runs; the first one, which compiles and imports, is not counted."""
    run()
    found = []
    for _ in range(times):
        began = clock(device)
        run()
        found.append(clock(device) - began)
    return min(found)


def peak(device: str) -> float:
    """Multiply-adds a second of a large product of float32 matrices."""
    size = 1024 if device == "cpu" else 8192
    a = torch.rand(size, size, device=device)
    return size**3 / fastest(lambda: a @ a, device)


def table(every: list[tuple[int, ...]], members: int, steps: int, device: str) -> Iterator[str]:
    most = peak(device)
    yield f"{members:,} networks, {steps} updates, on {device}; peak {most / 1e9:.0f} G multiply-adds a second"
    yield ""
    yield "| network | way | networks x steps a second | against (a) | of the peak |"
    yield "|---|---|---|---|---|"
    for one in every:
        bench, base = Bench(one, members, steps, device), 0.0
        name = "4-" + "-".join(map(str, one)) + "-1"
        for way, make in ways(device).items():
            with torch.set_grad_enabled(way.startswith("(a)")):
                count, run = make(bench)
                rate = count / fastest(run, device)
            base = base or rate
            share = rate * bench.multiply_adds() / most
            yield f"| {name} | {way} | {rate:,.0f} | {rate / base:,.0f} | {100 * share:.2f} % |"


def workers() -> Iterator[str]:
    """The XNOR study at 1000 starts a cell on one process and on two, by the clock."""
    from unstuck.lab import bench
    from unstuck.lab.pool import Pool

    taken = []
    for jobs in (1, 2):
        with tempfile.TemporaryDirectory() as place:
            with bench.opened(str(Path(place) / "lab.sqlite"), writes=True) as store:
                wanted = bench.study("xnor").with_seeds(1000)
                driven = bench.run(wanted, store, Pool("loky", jobs), resume=False)
            taken.append(driven.waited)
    yield f"the XNOR study, 1000 starts a cell: {taken[0]:.0f} s on one process, {taken[1]:.0f} s on two: {taken[0] / taken[1]:.2f} times as fast"


def widths(text: str) -> tuple[int, ...]:
    return tuple(int(width) for width in text.split("-"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--widths", nargs="*", default=WIDTHS, type=widths, metavar="8-8")
    parser.add_argument("--workers", action="store_true")
    given = parser.parse_args()
    if given.device != "cpu" and not torch.cuda.is_available():
        print("there is no GPU here that torch can use", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    np.random.seed(0)
    for line in table(given.widths, given.members, given.steps, given.device):
        print(line, flush=True)
    for line in workers() if given.workers else ():
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
