"""Rows and watched values against running the network by hand."""

import numpy as np
import pytest
from probe_setups import X, drawn, heart_rate, network

from unstuck.probe import subject as module
from unstuck.probe.subject import Unmeasurable, subject

INPUTS, TARGETS = heart_rate()
WEIGHTS = drawn((1, 4, 1))


def made(**more):
    return network(
        INPUTS, TARGETS, WEIGHTS, activations=["torch.sigmoid"], output="torch.sigmoid",
        loss="bce", **more,
    )  # fmt: skip


def by_hand(inputs, weights):
    for weight, bias in weights:
        inputs = 1 / (1 + np.exp(-(inputs @ weight.T + bias)))
    return inputs


def test_predictions_are_the_networks():
    assert subject(made()).predictions(0).numpy() == pytest.approx(by_hand(INPUTS, WEIGHTS), 1e-5)


def test_many_rows_passed_in_chunks_give_the_same_values(monkeypatch):
    whole = subject(made())
    monkeypatch.setattr(module, "CHUNK", 7)
    parts = subject(made())
    for slot, values in whole.states[0].items():
        assert parts.states[0][slot].numpy() == pytest.approx(values.numpy(), abs=1e-6)


def test_end_weights_add_a_second_state_at_the_last_step():
    trained = drawn((1, 4, 1), seed=1)
    found = subject(made(ends=trained, steps=70))
    assert found.steps == (0, 70)
    assert found.predictions(-1).numpy() == pytest.approx(by_hand(INPUTS, trained), 1e-5)


def test_without_end_weights_there_is_the_start_alone():
    assert subject(made()).steps == (0,)


def test_the_last_pre_activation_is_what_the_sigmoid_reads():
    found = subject(made())
    raw = found.state(found.last, 0)
    assert 1 / (1 + np.exp(-raw)) == pytest.approx(found.predictions(0).numpy(), 1e-5)


def test_a_large_data_set_is_sampled_with_a_seed():
    inputs, targets = heart_rate(module.MOST_ROWS + 100)
    setup = network(inputs, targets, drawn((1, 1)))
    one, two = subject(setup), subject(setup)
    assert one.count == module.MOST_ROWS
    assert np.array_equal(one.inputs, two.inputs)
    assert not np.array_equal(one.inputs, subject(setup, seed=1).inputs)
    rows = {tuple(row) for row in np.hstack([inputs, targets]).tolist()}
    pairs = np.hstack([one.rows[X].numpy(), one.target.numpy()])
    assert {tuple(row) for row in pairs.tolist()} <= rows


def test_a_recording_without_rows_cannot_be_measured():
    with pytest.raises(Unmeasurable, match="no rows were stored"):
        subject(network(INPUTS[:0], TARGETS[:0], WEIGHTS))


def test_hidden_layers_with_the_same_path_are_told_apart():
    setup = network(INPUTS, TARGETS, drawn((1, 3, 3, 1)), activations=["torch.relu"] * 2)
    found = subject(setup)
    assert list(found.hidden) == ["0", "1"]
