"""Recordings made by hand: a healthy one with every quantity, and for each rule one that is sick.

The network is two inputs, a hidden layer and one output, written as a user would as a Sequential.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from unstuck.core.recording import ROLES, SCHEMA, Recording, Site, Table, Where
from unstuck.core.setup import (
    Data,
    Draw,
    Loop,
    Op,
    Optimizer,
    Parameter,
    Plan,
    Program,
    Setup,
)

STEPS = 5000
LINES = {role: Where("train.py", 10 * number) for number, role in enumerate(ROLES, 1)}
ACTIVATION_LINE = Where("train.py", 3)

Pair = tuple[float, float]

HEALTHY: dict[str, dict[str, Pair]] = {
    "loss": {"loss": (1.0, 0.01)},
    "stale_gradient": {"gradient": (0.0, 0.0)},
    "gradient_at_step": {"gradient": (1.0, 0.1)},
    "gradient_after_backward": {"gradient": (1.0, 0.1)},
    "ladder": {
        "start": (1.1, 1.1),
        "constant": (1.0, 1.0),
        "linear": (0.6, 0.6),
        "quadratic": (0.5, 0.5),
        "learner": (0.05, 0.05),
        "floor": (0.0, 0.0),
        "end": (0.01, 0.01),
        "goal": (0.1, 0.1),
        "reference": (0.0, 0.0),
    },
    "progress": {"late": (0.0, 0.0), "total": (1.1, 1.1)},
    "rows": {"rows": (60.0, 60.0), "features": (2.0, 2.0), "targets": (1.0, 1.0)},
    "input_offset": {"feature 0": (0.0, 0.0), "feature 1": (1.9, 1.9)},
    "input_mean": {"feature 0": (0.0, 0.0), "feature 1": (1.9, 1.9)},
    "input_spread": {"feature 0": (1.0, 1.0), "feature 1": (1.0, 1.0)},
    "target_offset": {"target 0": (0.1, 0.1)},
    "target_mean": {"target 0": (0.1, 0.1)},
    "target_spread": {"target 0": (1.0, 1.0)},
    "aligned_r2": {site: (np.nan, np.nan) for site in ("learner", "now", "rows")},
    "parity_r2": {site: (np.nan, np.nan) for site in ("share", "inputs", "first", "chance")},
    "signal_r2": {"linear": (0.4, 0.4), "learner": (0.95, 0.95)},
    "prediction_constancy": {"prediction": (0.2, 1.0)},
    "nonlinear_share": {"prediction": (0.05, 0.4)},
    "units_off": {"0": (0.1, 0.1)},
    "units_saturated": {"0": (0.1, 0.1)},
    "signal": {"0": (1.0, 0.8), "2": (0.7, 0.4)},
    "signal_spread": {"0": (0.7, 0.5), "2": (0.3, 0.2)},
    "units_equal": {"0": (0.0, 0.0)},
    "gradient_kept": {"0": (0.5, 0.5)},
    "dropout_noise": {"prediction": (0.02, 0.02)},
    "norms": {site: (np.nan, np.nan) for site in ("noise", "offset", "widest", "narrowest")},
    "units_bending": {"0": (0.7, 0.7)},
    "collision_floor": {"0": (0.0, 0.0)},
    "loss_pairs": {"operands": (1.0, 1.0)},
    "rate_over_edge": {"rate": (0.3, 0.3)},
    "sigmoid_exact": {"prediction": (0.0, 0.0)},
    "squashed_floor": {"squashed": (0.0, 0.0), "free": (0.0, 0.0)},
    "rows_mixed": {
        "prediction": (1e-7, 1e-7),
        "slot": (float("nan"), float("nan")),
        "dim": (float("nan"), float("nan")),
    },
    "reread_r2": {site: (np.nan, np.nan) for site in ("learner", "now", "axis")},
    "shuffled_apart": {"arrays": (0.0, 0.0)},
    "tail": {
        "held": (0.1, 0.1),
        "largest": (3.0, 3.0),
        **{site: (float("nan"),) * 2 for site in ("logarithms", "far", "low", "high")},
    },
    "fractions_lost": {"inputs": (float("nan"),) * 2, "targets": (float("nan"),) * 2},
    "rare_class": {"share": (0.4, 0.4), "recall": (0.9, 0.9)},
    "same_batch": {"trained": (float("nan"),) * 2, "held": (float("nan"),) * 2},
    "holes": {"inputs": (float("nan"),) * 2, "targets": (float("nan"),) * 2},
    "waves": {
        "explained": (0.2, 0.3),
        "smooth": (0.5, 0.5),
        "cycles": (1.0, 1.5),
        "input 0": (1.5, 0.0),
        "input 1": (0.0, 2.0),
    },
    "loss_fit": {
        "sign": (float("nan"), float("nan")),
        "logs": (float("nan"), float("nan")),
        "targets": (float("nan"), float("nan")),
        "classes": (float("nan"), float("nan")),
        "outputs": (float("nan"), float("nan")),
    },
    "out_of_reach": {
        **{site: (0.0, 0.0) for site in ("loss", "share", "targets")},
        "constant": (float("nan"),) * 2,
    },
    "breakdown": {
        "slot": (float("nan"), float("nan")),
        "lowest": (float("nan"), float("nan")),
        "nearest": (float("nan"), float("nan")),
        "highest": (float("nan"), float("nan")),
        "backward": (float("nan"), float("nan")),
    },
    "compared": {"train.py:90 values": (float("nan"), float("nan"))},
    "dropped_answers": {"train.py:90": (float("nan"), float("nan"))},
    "asked_beyond": {
        f"train.py:95 {part}": (value, value)
        for part, value in {
            "outside": 0.1,
            "chance": 0.2,
            "feature": 0.0,
            "low": 0.0,
            "high": 1.0,
            "from": 0.0,
            "to": 1.2,
        }.items()
    },
    "planned_steps": {"train.py:44": (float("nan"), float("nan"))},
    "descent": {"reached": (1.0, 0.01)},
    "swing": {"loss": (0.01, 0.01)},
}
"""Every measured quantity of a run that learned: site -> (at the start, at the end)."""


def table(quantity: str, values: Mapping[str, Pair]) -> Table:
    columns = np.array([pair for pair in values.values()], dtype=np.float64).T
    return Table(quantity, (0, STEPS), tuple(values), columns)


def network(hidden: int = 16, *, activation: str = "relu", end: str = "", loss: str = "") -> Setup:
    """A Sequential of Linear(2, hidden), an activation, Linear(hidden, 1), and an end."""
    rows = 60
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(rows, 2)), rng.normal(size=(rows, 1))
    weights = [(2, "0.weight", (hidden, 2)), (3, "0.bias", (hidden,))]
    weights += [(4, "2.weight", (1, hidden)), (5, "2.bias", (1,))]
    parameters = tuple(
        Parameter(slot, name, np.ones(shape, np.float32), (Draw("fan_uniform", (1.0,), fan),))
        for (slot, name, shape), fan in zip(weights, (2, 2, hidden, hidden), strict=True)
    )
    ops = [_op("nn.functional.linear", (0, 2, 3), 6, "0")]
    last = 6
    if activation:
        ops.append(_op(f"nn.functional.{activation}", (last,), 7, "1"))
        last = 7
    ops.append(_op("nn.functional.linear", (last, 4, 5), 8, "2"))
    last = 8
    if end:
        ops.append(_op(end, (last,), 9, "3"))
        last = 9
    loss = loss or ("binary_cross_entropy" if end else "mse_loss")
    ops.append(_op(f"nn.functional.{loss}", (last, 1), 10, ""))
    return Setup(
        Program(tuple(ops), (0,), (1,), {}, last, 10),
        parameters,
        Data({0: x.astype(np.float32), 1: y.astype(np.float32)}),
        Plan("full", rows, STEPS),
        Optimizer("SGD", ({"lr": 0.1, "momentum": 0.0},)),
        Loop(),
    )


def _op(name: str, slots: tuple[int, ...], out: int, module: str) -> Op:
    args = tuple({"slot": slot} for slot in slots)
    return Op(f"torch.{name}", args, {}, (out,), module, LINES["forward"].file, 10)


def healthy(setup: Setup | None = None) -> Recording:
    """A run that learned, with every quantity measured."""
    setup = setup or network()
    kinds = {"0": "Linear", "1": "ReLU", "2": "Linear", "3": "Sigmoid"}
    sites = tuple(
        Site(path, kind, where=Where("train.py", 2 + int(path))) for path, kind in kinds.items()
    )
    tables = {name: table(name, values) for name, values in HEALTHY.items()}
    return Recording(
        schema=SCHEMA,
        framework="torch",
        versions={},
        script="train.py",
        argv=(),
        ended="finished",
        calls=(),
        sites=sites,
        tables=tables,
        setup=setup,
        lines=LINES,
        gaps={},
        cost={},
    )


def seen(recording: Recording, quantity: str, **sites: float | Pair) -> Recording:
    """The recording with other values of a quantity; one number is the same at start and end.

    Underscores stand for what an identifier cannot hold: _0 is the site "0", feature_0 "feature 0".
    """
    old = recording.tables[quantity]
    columns = {site: (old.at(site, 0), old.at(site, -1)) for site in old.sites}
    for key, value in sites.items():
        columns[key.replace("_", " ").strip()] = (
            value if isinstance(value, tuple) else (value, value)
        )
    return recording.with_tables(table(quantity, columns))


def unmet(recording: Recording, end: float = 0.5) -> Recording:
    """The recording of a run that fell short of its goal."""
    return seen(seen(recording, "ladder", end=end), "loss", loss=(1.1, end))


FREEZING = Where("train.py", 8)


def frozen(*slots: int, how: str = "", group: int = 0, setup: Setup | None = None) -> Setup:
    """The parameters in these slots take no gradient; how: else than they were drawn."""
    setup = setup or network()
    parameters = tuple(
        dataclasses.replace(
            one,
            frozen=True,
            froze=((FREEZING.file, FREEZING.line),),
            group=group,
            draws=(Draw(how),) if how else one.draws,
        )
        if one.slot in slots
        else one
        for one in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


CUT = Where("train.py", 9)


def cut_off(setup: Setup | None = None) -> Setup:
    """The hidden layer's output is detached before the last layer reads it."""
    setup = setup or network()
    program = setup.program
    op = Op("torch.Tensor.detach", ({"slot": 7},), {}, (30,), "", CUT.file, CUT.line)
    last = _op("nn.functional.linear", (30, 4, 5), 8, "2")
    ops = (*program.ops[:2], op, last, *program.ops[3:])
    return dataclasses.replace(setup, program=dataclasses.replace(program, ops=ops))


def steps(setup: Setup, count: int) -> Setup:
    return dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=count))


def optimizer(setup: Setup, kind: str, rate: float, *, by_hand: bool = False) -> Setup:
    made = Optimizer(kind, ({"lr": rate},), by_hand=by_hand)
    return dataclasses.replace(setup, optimizer=made)


def decayed(penalty: float, kind: str = "Adam", rate: float = 0.01) -> Setup:
    """Trained with this penalty, and ended with all weights at one."""
    setup = network()
    ended = tuple(dataclasses.replace(p, end=p.start) for p in setup.parameters)
    made = Optimizer(kind, ({"lr": rate, "weight_decay": penalty},))
    return dataclasses.replace(setup, parameters=ended, optimizer=made)


def scheduled(*factors: tuple[int, float]) -> Setup:
    setup = network()
    made = dataclasses.replace(setup.optimizer, schedule=factors)
    return dataclasses.replace(setup, optimizer=made)


def unheld(*slots: int) -> Setup:
    """The parameters in these slots belong to no optimizer."""
    setup = network()
    parameters = tuple(
        dataclasses.replace(one, group=-1) if one.slot in slots else one for one in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


def batched(batch: int, updates: int, order: str = "epochs") -> Setup:
    """Trained on its 60 rows in batches of this size."""
    return dataclasses.replace(network(), plan=Plan(order, batch, updates))  # type: ignore[arg-type]


def recorded(setup: Setup) -> Setup:
    return dataclasses.replace(setup, start="recorded")


def habits(setup: Setup, **habits: object) -> Setup:
    return dataclasses.replace(setup, loop=dataclasses.replace(setup.loop, **habits))  # type: ignore[arg-type]


def one_dimensional_targets(setup: Setup) -> Setup:
    rows = {**setup.data.rows, 1: setup.data.rows[1][:, 0]}
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))


def _years() -> Recording:
    recording = healthy()
    assert recording.setup is not None
    rows = {**recording.setup.data.rows}
    rows[0] = rows[0] * np.float32(35) + np.float32(1960)
    scaled = dataclasses.replace(recording.setup, data=Data(rows))
    recording = unmet(healthy(scaled))
    recording = seen(recording, "input_offset", feature_0=56.0, feature_1=56.0)
    recording = seen(recording, "input_mean", feature_0=1960.0, feature_1=1960.0)
    return seen(recording, "input_spread", feature_0=35.0, feature_1=35.0)


def inputs(
    recording: Recording, mean: float = 0.0, spread: float = 1.0, other: float | None = None
) -> Recording:
    """The recording with these statistics of feature 0; feature 1 is centred, and as wide or `other`."""
    recording = seen(recording, "input_mean", feature_0=mean, feature_1=0.0)
    wide = spread if other is None else other
    recording = seen(recording, "input_spread", feature_0=spread, feature_1=wide)
    return seen(recording, "input_offset", feature_0=abs(mean) / spread, feature_1=0.0)


def targets(recording: Recording, mean: float, spread: float) -> Recording:
    """The recording with targets of this mean and spread, in tables and rows."""
    assert recording.setup is not None
    rows = {**recording.setup.data.rows}
    rows[1] = (rows[1] * np.float32(spread) + np.float32(mean)).astype(np.float32)
    setup = dataclasses.replace(recording.setup, data=Data(rows))
    recording = dataclasses.replace(recording, setup=setup)
    recording = seen(recording, "target_offset", target_0=abs(mean) / spread)
    recording = seen(recording, "target_mean", target_0=mean)
    return seen(recording, "target_spread", target_0=spread)


def tailed(recording: Recording, *, held: float = 0.9, by: float = 1.0) -> Recording:
    """The recording with log-normal targets, judged by their logarithms."""
    assert recording.setup is not None
    rows = {**recording.setup.data.rows}
    rows[1] = np.exp(3 * rows[1])
    setup = dataclasses.replace(recording.setup, data=Data(rows))
    recording = dataclasses.replace(recording, setup=setup)
    return seen(recording, "tail", held=held, largest=17.0, logarithms=by)


def slipped(recording: Recording, *, far: float = 3.0) -> Recording:
    """The recording with three targets a thousand times too large, judged by the others."""
    assert recording.setup is not None
    good = np.abs(recording.setup.data.rows[1]) + 1
    rows = {**recording.setup.data.rows, 1: good.copy()}
    rows[1][:3] *= 1000
    setup = dataclasses.replace(recording.setup, data=Data(rows))
    recording = dataclasses.replace(recording, setup=setup)
    low, high = float(good[3:].min()), float(good[3:].max())
    return seen(recording, "tail", held=0.9, largest=17.0, far=far, low=low, high=high)


def cast(recording: Recording, *, slot: int = 0, share: float = 0.9) -> Recording:
    """The recording with whole numbers in this slot (nothing but zeros), cast in train.py:6."""
    assert recording.setup is not None
    role = "input" if slot == 0 else "target"
    rows = recording.setup.data.rows
    zeros = {**rows, slot: np.zeros_like(rows[slot])}
    setup = dataclasses.replace(recording.setup, data=Data(zeros, True, {slot: rows[slot]}))
    lines = {**recording.lines, f"{role}_cast": CAST_LINE}
    recording = dataclasses.replace(recording, setup=setup, lines=lines)
    return seen(recording, "fractions_lost", **{f"{role}s": share})


def holed(
    count: int = 3, *, slot: int = 0, value: float = float("nan"), end: float = float("nan")
) -> Recording:
    """A loss that became no number, with a hole in the first column of the first rows of this slot."""
    setup = network()
    rows = {**setup.data.rows, slot: setup.data.rows[slot].copy()}
    rows[slot][:count, 0] = value
    recording = unmet(healthy(dataclasses.replace(setup, data=Data(rows))), end)
    part = "inputs" if slot == 0 else "targets"
    return seen(recording, "holes", **{part: count / setup.data.count})


def repeating(held: int = 400, end: float = 0.5) -> Recording:
    """Every step saw the same 60 rows of a loader that holds these."""
    setup = network()
    rows = {slot: np.repeat(part, 7, axis=0)[:held] for slot, part in setup.data.rows.items()}
    data = dataclasses.replace(setup.data, unseen=rows)
    recording = unmet(healthy(dataclasses.replace(setup, data=data)), end)
    return seen(recording, "same_batch", trained=60.0, held=float(held))


def imbalanced(
    share: float = 0.05, recall: float = 0.0, *, loss: str = "binary_cross_entropy_with_logits"
) -> Recording:
    """A stuck run over two classes, of which 3 of the 60 rows are of the rare one."""
    setup = network(loss=loss)
    rare = np.arange(60) % 20 == 0
    asked = rare.astype(np.int64) if loss == "cross_entropy" else rare[:, None].astype(np.float32)
    rows = {**setup.data.rows, 1: asked}
    recording = unmet(healthy(dataclasses.replace(setup, data=Data(rows))), 0.7)
    return seen(recording, "rare_class", share=share, recall=recall)


def _noise() -> Recording:
    recording = seen(unmet(healthy(), 1.0), "signal_r2", linear=-0.01, learner=0.005)
    return seen(recording, "ladder", goal=float("nan"), learner=1.0, linear=1.0, floor=0.97)


def odd(share: float = 1.0, end: float = 1.0) -> Recording:
    """Noise to every learner, of which the parity of all twelve inputs explains this share."""
    recording = seen(_noise(), "parity_r2", share=share, inputs=12.0, first=0.0, chance=0.04)
    return seen(recording, "ladder", end=end, floor=0.0)


def _mixed() -> Recording:
    """A softmax over the rows in the end, in train.py:5."""
    setup = network(end="softmax", loss="mse_loss")
    ops = tuple(
        dataclasses.replace(op, args=(*op.args, 0)) if op.short == "softmax" else op
        for op in setup.program.ops
    )
    setup = dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))
    return seen(unmet(healthy(setup)), "rows_mixed", prediction=0.7, slot=9.0, dim=1.0)


def broken(
    name: str = "torch.log", lowest: float = 0.0, highest: float = 1.0, backward: float = 0.0
) -> Recording:
    """A loss that broke where this operation, on train.py:10, reads the prediction."""
    setup = network(loss=name.removeprefix("torch."))
    made = setup.program.ops[-1]
    op = dataclasses.replace(made, name=name, args=(made.args[0], 0.5))
    ops = (*setup.program.ops[:-1], op)
    setup = dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))
    recording = seen(unmet(healthy(setup), float("nan")), "breakdown", slot=op.outs[0])
    near = min(abs(lowest), abs(highest)) if lowest * highest > 0 else 0.0
    bounds = {"lowest": lowest, "nearest": near, "highest": highest, "backward": backward}
    return seen(recording, "breakdown", **bounds)


def counted(found: float, real: float, how: str = "values", end: float = 0.01) -> Recording:
    """A run whose line 90 finds this share equal, where the outputs agree with the other one."""
    recording = seen(healthy(), "ladder", end=end)
    columns = np.array([[found], [real]])
    return recording.with_tables(Table("compared", (0, 1), (f"train.py:90 {how}",), columns))


def half_there(found: float, real: float, end: float = 0.01) -> Recording:
    """A run whose line 90 finds this share right with units dropped, where the whole network is on the other."""
    recording = seen(healthy(), "ladder", end=end)
    columns = np.array([[found], [real]])
    return recording.with_tables(Table("dropped_answers", (0, 1), ("train.py:90",), columns))


def asked(outside: float, chance: float = 0.05, end: float = 0.01, line: int = 95) -> Recording:
    """A run whose line asks its network about rows of which this share lies beyond those of the training."""
    parts = {"outside": outside, "chance": chance, "feature": 1.0, "low": 0.0, "high": 2.0}
    parts |= {"from": 1.0, "to": 4.0}
    sites = tuple(f"train.py:{line} {part}" for part in parts)
    recording = seen(healthy(), "ladder", end=end)
    return recording.with_tables(Table("asked_beyond", (0,), sites, np.array([[*parts.values()]])))


def rippled(
    explained: Pair = (0.6, 0.9), cycles: Pair = (6.0, 9.0), smooth: float = 0.05, end: float = 0.9
) -> Recording:
    """A stuck run towards two waves of so many cycles, one along each input."""
    recording = unmet(healthy(), end)
    return seen(
        recording,
        "waves",
        explained=explained,
        smooth=smooth,
        cycles=cycles,
        input_0=(7.54321, 0.0),
        input_1=(0.0, 11.5),
    )


ENDING = Where("train.py", 44)


def cut_short(planned: float = 20_000, end: float = 0.9) -> Recording:
    """A run of 5,000 updates that line 44 ended before it had made these."""
    return seen(unmet(healthy(), end), "planned_steps", **{str(ENDING): planned})


def _too_large() -> Recording:
    recording = seen(healthy(), "loss", loss=(1.1, float("nan")))
    recording = seen(recording, "ladder", end=float("nan"))
    return seen(recording, "rate_over_edge", rate=4.0)


def bounded(end: str, share: float = 0.5, loss: str = "mse_loss") -> Recording:
    """A stuck run of a network that ends in this activation, with such a share out of its reach."""
    recording = unmet(healthy(network(end=f"nn.functional.{end}", loss=loss)), 0.55)
    return seen(recording, "out_of_reach", loss=share, share=share, targets=0.4)


CAST_LINE = Where("train.py", 6)
FILL_LINE = Where("train.py", 7)


def filled(setup: Setup, size: float, *slots: int) -> Setup:
    """The setup with weights (or the parameters of these slots) of this size, filled by one line."""
    wanted = slots or (2, 4)
    parameters = tuple(
        dataclasses.replace(
            p,
            start=np.full_like(p.start, size),
            draws=(Draw("normal", (0.0, size)),),
            filled=((FILL_LINE.file, FILL_LINE.line),),
        )
        if p.slot in wanted
        else p
        for p in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


def dropping(p: float, path: str = "3") -> Setup:
    """The hidden units are dropped with this probability, by a module built in train.py:5."""
    setup = network()
    program = setup.program
    args, kwargs = ({"slot": 7},), {"p": p, "training": True}
    op = Op("torch.nn.functional.dropout", args, kwargs, (20,), path, LINES["forward"].file, 10)
    last, loss = program.ops[2:]
    last = dataclasses.replace(last, args=({"slot": 20}, *last.args[1:]))
    ops = (*program.ops[:2], op, last, loss)
    return dataclasses.replace(setup, program=dataclasses.replace(program, ops=ops))


def normalising(batch: int, order: str = "epochs", *, training: bool = True) -> Setup:
    """The hidden sums are normalised over batches of this size, by a module built in train.py:5."""
    setup = batched(batch, 900, order)
    args = ({"slot": 6}, {"slot": 21}, {"slot": 22}, None, None, training, 0.1, 1e-5)
    op = Op("torch.nn.functional.batch_norm", args, {}, (20,), "3", LINES["forward"].file, 10)
    first, bend, *rest = setup.program.ops
    ops = (first, op, dataclasses.replace(bend, args=({"slot": 20},)), *rest)
    fixed = {21: np.zeros(16, np.float32), 22: np.ones(16, np.float32)}
    program = dataclasses.replace(setup.program, ops=ops, constants=fixed)
    return dataclasses.replace(setup, program=program)


def left_on(step: int, setup: Setup | None = None) -> Recording:
    """A run that learned, in evaluation mode from this step on."""
    lines = {**LINES, "eval": Where("train.py", 61)}
    recording = healthy(habits(setup or dropping(0.2), evaluates=step))
    return dataclasses.replace(recording, lines=lines)


def fixed(**sites: float | Pair) -> Recording:
    """A stuck run in evaluation mode, whose normalisation gives what has such a centre and spread."""
    recording = unmet(healthy(normalising(60, "full", training=False)))
    return seen(recording, "norms", **{"offset": 1.0, "widest": 1.0, "narrowest": 1.0, **sites})


def loud(size: float) -> Recording:
    """A stuck run whose first layer the script drew so large."""
    recording = unmet(healthy(filled(network(), 9.0)))
    return seen(recording, "signal", _0=(size, 0.8))


def concealed(setup: Setup, group: int = -1) -> Setup:
    """The setup with its first layer in a plain list."""
    parameters = tuple(
        dataclasses.replace(p, hidden="layers", group=group) if p.name[0] == "0" else p
        for p in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


SICK: dict[str, Callable[[], Recording]] = {
    "inputs-unscaled": _years,
    "noise-floor": _noise,
    "labels-misaligned": lambda: seen(_noise(), "aligned_r2", learner=0.9, now=-0.01, rows=-1.0),
    "hard-target": lambda: odd(),
    "inputs-tiny": lambda: inputs(unmet(healthy()), spread=0.0003),
    "targets-heavy-tailed": lambda: tailed(unmet(healthy(), 0.9)),
    "dtype-truncation": lambda: cast(unmet(healthy(), 0.9)),
    "data-degenerate": holed,
    "class-imbalance": imbalanced,
    "targets-unscaled": lambda: targets(unmet(healthy()), 6771.0, 4.0),
    "loss-broadcast": lambda: seen(
        unmet(healthy(one_dimensional_targets(network()))), "loss_pairs", operands=60.0
    ),
    "sigmoid-bce-saturation": lambda: seen(
        unmet(healthy(network(end="sigmoid")), 50.0), "sigmoid_exact", prediction=(0.0, 0.5)
    ),
    "softmax-before-ce": lambda: seen(
        unmet(healthy(network(end="softmax", loss="cross_entropy"))),
        "squashed_floor",
        squashed=0.55,
    ),
    "sigmoid-before-bcewithlogits": lambda: seen(
        unmet(healthy(network(end="sigmoid", loss="binary_cross_entropy_with_logits"))),
        "squashed_floor",
        squashed=0.5,
    ),
    "loss-mismatch": lambda: seen(unmet(healthy(network(loss="nll_loss"))), "loss_fit", logs=1.6),
    "wrong-axis": _mixed,
    "nan-loss": broken,
    "linear-network": lambda: seen(
        unmet(healthy(network(activation="")), 0.6), "nonlinear_share", prediction=(1e-12, 1e-12)
    ),
    "saturated-units": lambda: seen(
        unmet(healthy(network(activation="sigmoid"))), "units_saturated", _0=(1.0, 0.25)
    ),
    "dying-relu": lambda: seen(unmet(healthy(), 1.0), "units_off", _0=(0.1, 1.0)),
    "too-little-capacity": lambda: seen(
        unmet(healthy(network(2)), 0.35), "collision_floor", _0=(0.0, 0.5)
    ),
    "unlucky-init": lambda: seen(
        seen(unmet(healthy(recorded(network())), 1.0), "units_off", _0=(1.0, 1.0)),
        "collision_floor",
        _0=(1.0, 1.0),
    ),
    "bad-init-scale": lambda: loud(20.0),
    "spectral-bias": rippled,
    "symmetric-init": lambda: seen(unmet(healthy(filled(network(), 1.0))), "units_equal", _0=1.0),
    "vanishing-gradients": lambda: seen(unmet(healthy(), 1.0), "gradient_kept", _0=1e-4),
    "dropout-too-strong": lambda: seen(
        unmet(healthy(dropping(0.9))), "dropout_noise", prediction=0.6
    ),
    "batchnorm-misuse": lambda: seen(unmet(healthy(normalising(2))), "norms", noise=0.5),
    "params-not-registered": lambda: unmet(healthy(concealed(network()))),
    "frozen-params": lambda: unmet(healthy(frozen(2, 3))),
    "graph-detached": lambda: unmet(healthy(cut_off())),
    "missing-output-match": lambda: bounded("relu"),
    "missing-zero-grad": lambda: seen(
        healthy(habits(network(), clears="never")), "stale_gradient", gradient=(0.0, 1.03)
    ),
    "zero-grad-misplaced": lambda: seen(
        unmet(healthy(habits(network(), clears="between")), 1.1), "gradient_at_step", gradient=0.0
    ),
    "optimizer-recreated": lambda: unmet(
        healthy(habits(optimizer(network(), "Adam", 0.02), recreated=True))
    ),
    "weight-decay-too-strong": lambda: unmet(healthy(decayed(0.1))),
    "schedule-kills-lr": lambda: unmet(healthy(scheduled((100, 0.01)))),
    "clip-too-tight": lambda: seen(
        unmet(healthy(habits(network(), clip_norm=1e-3))), "gradient_at_step", gradient=1e-3
    ),
    "missing-step": lambda: unmet(healthy(habits(network(), steps=False)), 1.1),
    "optimizer-wrong-params": lambda: unmet(healthy(unheld(2, 3)), 0.7),
    "batch-size-unfit": lambda: unmet(healthy(batched(60, 40))),
    "lr-too-small": lambda: seen(
        unmet(healthy(optimizer(network(), "SGD", 1e-5)), 0.99), "rate_over_edge", rate=1e-4
    ),
    "lr-too-large": _too_large,
    "early-stopping-too-soon": cut_short,
    "metric-bug": lambda: counted(0.0, 1.0),
    "train-eval-mode": lambda: half_there(0.8, 0.98),
    "eval-mode-left-on": lambda: left_on(9),
    "extrapolation": lambda: asked(0.9),
    "too-few-steps": lambda: seen(
        unmet(healthy(steps(network(), 20)), 0.9), "progress", late=0.02, total=0.1
    ),
}
"""For each rule, by name, evidence of its fault."""
