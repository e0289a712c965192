"""Parities that no learner finds, looked for in a recorded training."""

import numpy as np
import pytest
from probe_setups import XNOR, drawn, network, recording

from unstuck.core.recording import Table
from unstuck.probe import hidden, ladder
from unstuck.probe.subject import subject


def measured(inputs, targets):
    setup = network(
        inputs.astype(np.float32), targets.astype(np.float32), drawn((inputs.shape[1], 4, 1))
    )
    ready, before = subject(setup), recording(setup)
    tables = [one for one in ladder.measure(ready, before).values() if isinstance(one, Table)]
    return hidden.measure(ready, before.with_tables(*tables))["parity_r2"]


def switches(rows, count):
    return np.random.default_rng(3).integers(0, 2, (rows, count)) * 2.0 - 1


def test_a_parity_of_seven_switches_in_fourteen_is_found():
    bits = switches(400, 14)
    found = measured(bits, bits[:, 2:9].prod(1, keepdims=True))
    assert (found.at("inputs"), found.at("first")) == (7, 2)
    assert found.at("share") > 0.95 and found.at("chance") < 0.15


@pytest.mark.parametrize(
    ("inputs", "targets"),
    [
        (switches(300, 8), np.random.default_rng(4).integers(0, 2, (300, 1)) * 1.0),
        (switches(300, 4), switches(300, 4)[:, :3].prod(1, keepdims=True)),
        (switches(99, 14), switches(99, 14)[:, :7].prod(1, keepdims=True)),
        (switches(300, 14), switches(300, 14).sum(1, keepdims=True)),
        XNOR,
        (np.tile(XNOR[0], (50, 1)), np.tile(XNOR[1], (50, 1))),
    ],
    ids=["noise", "a table", "few rows", "a sum", "xnor", "xnor again and again"],
)
def test_none_is_told_of(inputs, targets):
    assert np.isnan(measured(inputs, targets).values).all()
