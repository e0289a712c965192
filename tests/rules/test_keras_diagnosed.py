"""A script with Keras through the real pipeline: recorded, judged, proved, patched as one writes Keras."""

from __future__ import annotations

from typing import Any

import pytest
from tests.casebook import diagnosed as casebook

SQUARES = """\
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from keras.layers import Dense

x = np.random.randint(0, 1000, size=(200, 1))
X, Y = x / 1000**2, x**2 / 1000**2

model = keras.Sequential()
model.add(Dense(16, input_shape=(1,)))
model.add(Dense(16))
model.add(Dense(1))
model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.01))
model.fit(X, Y, epochs=20, batch_size=50, verbose=0)
"""


@pytest.fixture(scope="module")
def diagnosis(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The squares that a network without activations does not learn, on inputs that hardly vary."""
    folder = tmp_path_factory.mktemp("squares")
    script = folder / "script" / "train.py"
    script.parent.mkdir()
    script.write_text(SQUARES, encoding="utf-8")
    return casebook.diagnosed(script, folder)


def test_squares_are_not_learnt_for_two_reasons(diagnosis):
    causes = {one["name"] for one in diagnosis["findings"] if one["role"] == "cause"}
    assert diagnosis["verdict"] == "stuck"
    assert causes >= {"linear-network", "inputs-tiny"}


def test_findings_point_to_the_users_lines(diagnosis):
    lines = {one["name"]: one["where"]["line"] for one in diagnosis["findings"] if one["where"]}
    assert lines["linear-network"] == 11
    assert lines["inputs-tiny"] == 15


def test_the_patch_is_written_in_keras(diagnosis):
    diff = diagnosis["prescription"]["diff"]
    assert "+norm = keras.layers.Normalization()\n+norm.adapt(X)" in diff
    assert '+model.add(Dense(16, activation="relu"))' in diff
