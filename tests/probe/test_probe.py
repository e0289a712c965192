"""The whole probe: every quantity is a table or a gap with a reason, and the verdicts follow."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from probe_setups import XNOR, Y, drawn, heart_rate, network, recording, slot

from unstuck.core.quantities import QUANTITIES
from unstuck.core.setup import Data, Op
from unstuck.probe import FAMILIES, probe
from unstuck.probe.probe import CURVE

PROBED = {name for name, quantity in QUANTITIES.items() if quantity.source == "probe"}


def xnor(ends=None, **more):
    return network(
        *XNOR, drawn((4, 2, 2, 1)), activations=["torch.relu"] * 2, output="torch.sigmoid",
        loss="bce", ends=ends, **more,
    )  # fmt: skip


def trained(setup, rate, steps):
    """The weights of this XNOR network after plain gradient descent."""
    parts = [torch.tensor(p.start, requires_grad=True) for p in setup.parameters]
    x, y = (torch.tensor(part) for part in XNOR)
    for _ in range(steps):
        h = torch.relu(torch.relu(x @ parts[0].T + parts[1]) @ parts[2].T + parts[3])
        loss = torch.nn.functional.binary_cross_entropy(torch.sigmoid(h @ parts[4].T + parts[5]), y)
        grads = torch.autograd.grad(loss, parts)
        with torch.no_grad():
            for part, grad in zip(parts, grads, strict=True):
                part -= rate * grad
    values = [p.detach().numpy() for p in parts]
    return list(zip(values[::2], values[1::2], strict=True)), loss.item()


def test_every_quantity_of_the_vocabulary_has_a_family():
    assert {name for names in FAMILIES.values() for name in names} | set(CURVE) == PROBED


@pytest.mark.parametrize("ended", [True, False])
def test_every_quantity_is_a_table_or_a_gap_with_a_reason(ended):
    setup = xnor()
    found = probe(recording(xnor(trained(setup, 0.01, 10)[0] if ended else None))).recording
    for name in PROBED:
        assert (name in found.tables) != (name in found.gaps), name
        assert found.gaps.get(name, "a reason").strip()


def test_ten_small_steps_of_xnor_are_stuck_near_the_constant():
    ends, _ = trained(xnor(), 0.01, 10)
    found = probe(recording(xnor(ends), np.linspace(0.75, 0.74, 10)))
    assert found.verdict == "stuck"
    assert found.recording.tables["ladder"].at("constant") == pytest.approx(np.log(2))
    assert found.recording.tables["ladder"].at("goal") == pytest.approx(0.1 * np.log(2))
    assert "by heart" in found.why


def test_the_ladders_ends_are_the_networks_losses():
    setup = xnor()
    ends, _ = trained(setup, 0.5, 400)
    ladder = probe(recording(xnor(ends))).recording.tables["ladder"]
    start, last = trained(setup, 0.0, 1)[1], trained(xnor(), 0.5, 401)[1]
    assert ladder.at("start") == pytest.approx(start, rel=1e-5)
    assert ladder.at("end") == pytest.approx(last, rel=1e-3)


def test_the_same_recording_is_measured_the_same_twice():
    inputs, targets = heart_rate()
    made = network(
        inputs, targets, drawn((1, 4, 1)), activations=["torch.tanh"], output="torch.sigmoid",
        loss="bce",
    )  # fmt: skip
    one, two = probe(recording(made)).recording, probe(recording(made)).recording
    for name in PROBED & set(one.tables):
        assert np.array_equal(one.tables[name].values, two.tables[name].values, equal_nan=True)


def test_measuring_leaves_the_random_state_alone():
    ready = recording(xnor())
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    probe(ready)
    assert torch.equal(before, torch.random.get_rng_state())


def test_permuting_columns_changes_no_verdict_and_no_rung():
    inputs, targets = XNOR
    ends, _ = trained(xnor(), 0.01, 10)
    order = [2, 0, 3, 1]
    weights = drawn((4, 2, 2, 1))
    moved = [(weights[0][0][:, order], weights[0][1]), *weights[1:]]
    moved_ends = [(ends[0][0][:, order], ends[0][1]), *ends[1:]]
    other = network(
        inputs[:, order], targets, moved, activations=["torch.relu"] * 2, output="torch.sigmoid",
        loss="bce", ends=moved_ends,
    )  # fmt: skip
    one, two = probe(recording(xnor(ends))), probe(recording(other))
    assert one.verdict == two.verdict
    rungs = [p.recording.tables["ladder"].values for p in (one, two)]
    assert rungs[0] == pytest.approx(rungs[1], rel=1e-4, nan_ok=True)


def test_a_recording_without_a_setup_keeps_its_reason_for_every_quantity():
    bare = dataclasses.replace(recording(None), gaps={"setup": "no update was seen"})
    found = probe(bare)
    assert found.verdict == "unknown"
    assert all(found.recording.gaps[name] == "no update was seen" for name in PROBED - set(CURVE))


def test_rows_that_were_not_stored_are_the_reason():
    setup = dataclasses.replace(xnor(), data=Data({}))
    found = probe(recording(setup, gaps={"data": "rows were not stored (--no-data)"})).recording
    assert found.gaps["ladder"] == "rows were not stored (--no-data)"


def test_an_operation_that_cannot_be_run_again_is_the_reason():
    setup = xnor()
    ops = (dataclasses.replace(setup.program.ops[0], name="os.system"), *setup.program.ops[1:])
    broken = dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))
    found = probe(recording(broken)).recording
    assert "os.system is not a public torch function" in found.gaps["units_off"]


def test_a_loss_that_cannot_be_followed_costs_only_what_needs_it():
    def tail(prediction, free):
        ops = [
            Op("torch.Tensor.mul", ({"slot": prediction}, {"slot": 0}), {}, (free,)),
            Op("torch.Tensor.sum", ({"slot": free},), {}, (free + 1,)),
        ]
        return ops, free + 1

    data = np.random.default_rng(0).normal(size=(6, 1)).astype(np.float32)
    weights = [(np.ones((1, 1)), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))]
    setup = network(data, data, weights, activations=["torch.relu"], tail=tail)
    found = probe(recording(setup)).recording
    assert "units_off" in found.tables and "input_mean" in found.tables
    assert found.gaps.get("ladder")


def test_a_broadcast_loss_is_judged_as_if_the_shapes_agreed():
    data = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    targets = data.sum(1)
    flat = network(data, targets, drawn((2, 1)))
    agreeing = network(data, targets[:, None], drawn((2, 1)))
    rungs = [probe(recording(s)).recording.tables["ladder"].values for s in (flat, agreeing)]
    assert rungs[0] == pytest.approx(rungs[1], rel=1e-4, nan_ok=True)
    assert probe(recording(flat)).recording.tables["loss_pairs"].at("operands") == 60


def test_a_loss_without_a_lowest_value_compares_with_nothing():
    def product(prediction, free):
        times = Op("torch.Tensor.mul", (slot(prediction), slot(Y)), {}, (free,))
        return [times, Op("torch.Tensor.mean", (slot(free),), {}, (free + 1,))], free + 1

    inputs, targets = heart_rate()
    found = probe(recording(network(inputs, targets, drawn((1, 1)), loss="", tail=product)))
    assert found.verdict == "unknown"
    assert math.isnan(found.recording.tables["ladder"].at("constant"))
    assert "no lowest value" in found.recording.gaps["ladder.goal"]
