"""Scripts with Keras end with the same weights, random states, output and exit code as alone."""

import re

import keras_scripts
import pytest
from test_neutral_scripts import FOOTER

WEIGHTS = """

import hashlib as _hashlib
for _weight in model.weights:
    print(_weight.path, _hashlib.sha256(np.ascontiguousarray(_weight.numpy()).tobytes()).hexdigest())
print(model.optimizer.get_config() if hasattr(model, "optimizer") else "")
"""


def untimed(text):
    """Keras' progress shows how long an epoch took."""
    return re.sub(r"\d+m?s(/step|/epoch)?", "TIME", text)


@pytest.mark.parametrize("name", ["SEQUENTIAL", "FUNCTIONAL", "SUBCLASSED", "FAILING"])
def test_a_script_with_keras_does_the_same_with_and_without_us(nursery, tmp_path, name):
    source = getattr(keras_scripts, name) + WEIGHTS + FOOTER
    alone = nursery.run(source, tmp_path / "a", observer=None)
    watched = nursery.run(source, tmp_path / "b")
    here, there = str(tmp_path / "a"), str(tmp_path / "b")
    assert untimed(watched.stdout) == untimed(alone.stdout)
    assert watched.stderr.replace(there, here) == alone.stderr
    assert watched.code == alone.code == (name == "FAILING")
    assert watched.left == alone.left
    assert not (tmp_path / "b" / "trouble.log").exists()
