"""Rows that are asked about, beside those of the training."""

import dataclasses

import numpy as np
import pytest
from probe_setups import network, recording

from unstuck.core.recording import Evaluation, Where
from unstuck.probe.beyond import beside, measure
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
KNOWN = RANDOM.random((200, 2)).astype(np.float32)


def slow(known, asked):
    outside = 0
    for row in asked:
        ends = [(min(column), max(column)) for column in known.T]
        far = [
            v < a - (b - a) / 10 or v > b + (b - a) / 10
            for v, (a, b) in zip(row, ends, strict=True)
        ]
        outside += any(far)
    return outside / len(asked)


@pytest.mark.parametrize("moved", [0.0, 0.3, 0.8, 2.0, -1.5])
def test_the_share_outside_is_that_of_a_count_by_hand(moved):
    asked = RANDOM.random((50, 2)) + np.array([moved, 0.0])
    found = beside(KNOWN, asked)
    assert found["outside"] == slow(KNOWN, asked)
    assert (found["low"], found["high"]) == (KNOWN[:, 0].min(), KNOWN[:, 0].max()) or not found[
        "outside"
    ]


def test_chance_bounds_what_rows_of_the_same_source_do():
    for rows, features in ((10, 8), (30, 3), (200, 2)):
        shares, chance = [], 0.0
        for _ in range(200):
            found = beside(RANDOM.normal(size=(rows, features)), RANDOM.normal(size=(50, features)))
            shares.append(found["outside"])
            chance = found["chance"]
        assert np.mean(shares) < chance


def test_a_feature_that_never_changed_does_not_count():
    known = np.column_stack([KNOWN[:, 0], np.ones(200)])
    asked = np.column_stack([KNOWN[:50, 0], np.zeros(50)])
    assert beside(known, asked)["outside"] == 0


def measured(*evaluations):
    weights = [(np.ones((1, 2)), np.zeros(1))]
    setup = network(KNOWN, KNOWN.sum(1, keepdims=True), weights, ends=weights)
    seen = dataclasses.replace(recording(setup), evaluations=evaluations)
    return measure(subject(setup), seen)["asked_beyond"]


def test_each_line_is_a_site_with_its_parts():
    rows = np.full((4, 2), 50.0, dtype=np.float32)
    found = measured(Evaluation(Where("train.py", 7), 3, 4, rows))
    assert found.at("train.py:7 outside") == 1 and found.at("train.py:7 to") == 50


def test_without_evaluations_the_question_does_not_arise():
    assert "no rows without gradients" in measured()
    odd = Evaluation(Where("train.py", 7), 3, 4, np.ones((4, 9), dtype=np.float32))
    assert "another shape" in measured(odd)
