"""How much of the rows whole numbers lost, and the goal that the numbers before set."""

import dataclasses

import numpy as np
import pytest
from probe_setups import drawn, network, recording

from unstuck.core.setup import Data
from unstuck.core.transform import Unchangeable, emptied, fractions_lost, with_fractions
from unstuck.probe import fractions, probe
from unstuck.probe.ladder import measure
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.random((80, 2)).astype(np.float32)
TARGETS = (np.sin(4 * INPUTS[:, :1]) + INPUTS[:, 1:]).astype(np.float32) / 2.5


def slow(before, after):
    shares = []
    for column, kept in zip(before.T.tolist(), after.T.tolist(), strict=True):
        groups = {
            whole: [b for b, k in zip(column, kept, strict=True) if k == whole] for whole in kept
        }
        within = sum((b - sum(g) / len(g)) ** 2 for g in groups.values() for b in g)
        mean = sum(column) / len(column)
        shares.append(within / sum((b - mean) ** 2 for b in column))
    return sum(shares) / len(shares)


@pytest.mark.parametrize("wide", [0.9, 2.0, 5.0])
def test_the_share_is_what_varies_within_equal_whole_numbers(wide):
    before = INPUTS * wide
    assert fractions_lost(before, np.trunc(before)) == pytest.approx(slow(before, np.trunc(before)))


def test_columns_that_never_varied_have_nothing_to_lose():
    before = np.c_[INPUTS, np.full(80, 0.5)]
    assert fractions_lost(before, np.trunc(before)) == pytest.approx(1)
    assert fractions_lost(np.full((80, 1), 0.5), np.zeros((80, 1))) == 0


def made(x, y, *, inputs=None, targets=None):
    setup = network(x, y, drawn((2, 1)))
    [given], [asked] = setup.program.inputs, setup.program.targets
    known = {given: inputs, asked: targets}
    originals = {slot: rows for slot, rows in known.items() if rows is not None}
    return dataclasses.replace(setup, data=Data(setup.data.rows, True, originals)), given, asked


def test_inputs_without_fractions_are_known_with_them():
    setup, _, _ = made(np.trunc(INPUTS), TARGETS, inputs=INPUTS)
    ready = subject(setup)
    assert not ready.inputs.any() and np.array_equal(ready.known, INPUTS)
    found = fractions.measure(ready, recording(setup))["fractions_lost"]
    assert found.at("inputs") == pytest.approx(1) and np.isnan(found.at("targets"))
    assert measure(ready, recording(setup))["ladder"].at("goal") > 0


def test_targets_without_fractions_are_judged_with_them():
    setup, _, _ = made(INPUTS, np.trunc(TARGETS), targets=TARGETS)
    ladder = measure(subject(setup), recording(setup))["ladder"]
    assert ladder.at("constant") == pytest.approx(float(TARGETS.var()), rel=1e-3)


def test_whole_numbers_that_tell_rows_apart_stay_as_they_are():
    setup, _, _ = made(
        np.trunc(5 * INPUTS), np.trunc(9 * TARGETS), inputs=5 * INPUTS, targets=9 * TARGETS
    )
    assert emptied(setup) == {}
    with pytest.raises(Unchangeable, match="nothing is known"):
        with_fractions(setup)


def test_targets_of_two_values_are_an_answer_of_yes_or_no():
    rare = np.where(np.arange(80)[:, None] < 3, 1.1, TARGETS * 0.9).astype(np.float32)
    setup, _, asked = made(INPUTS, np.trunc(rare), targets=rare)
    assert fractions_lost(rare, setup.data.rows[asked]) > 0.5
    assert emptied(setup) == {}


def test_the_change_gives_back_what_was_lost():
    setup, given, asked = made(np.trunc(INPUTS), TARGETS, inputs=INPUTS)
    changed = with_fractions(setup)
    assert np.array_equal(changed.data.rows[given], INPUTS)
    assert np.array_equal(changed.data.rows[asked], TARGETS)
    assert probe(recording(changed)).recording.tables["fractions_lost"].at("inputs") != 1
