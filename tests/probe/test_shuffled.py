"""Which arrays the source brings into an order at random, each by itself."""

import textwrap

import pytest

from unstuck.probe.shuffled import apart
from unstuck.probe.written.text import File


@pytest.fixture
def lines(tmp_path):
    def found(text):
        script = tmp_path / "train.py"
        script.write_text(textwrap.dedent(text))
        return list(apart(File(str(script))).values())

    return found


@pytest.mark.parametrize(
    "text",
    [
        "a, b = train_test_split(x)\nc, d = train_test_split(y, test_size=0.2)\n",
        "np.random.shuffle(x)\nnp.random.shuffle(y)\n",
        "x = rng.permutation(x)\ny = rng.permutation(y)\n",
        "rng.shuffle(rows)\nrng.shuffle(labels)\n",
        "x = x[torch.randperm(9)]\ny = y[torch.randperm(9)]\n",
        "x = x[np.random.permutation(len(x))]\nrandom.shuffle(y)\n",
        "from sklearn.utils import shuffle\nx = shuffle(x)\ny = shuffle(y)\n",
    ],
)
def test_two_arrays_that_are_ordered_each_by_itself_come_apart(lines, text):
    assert len(lines(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "a, b, c, d = train_test_split(x, y)\n",
        "order = torch.randperm(9)\nx, y = x[order], y[order]\n",
        "a, b = train_test_split(x, random_state=0)\nc, d = train_test_split(y, random_state=0)\n",
        "a, b = train_test_split(x, shuffle=False)\nc, d = train_test_split(y, shuffle=False)\n",
        "np.random.seed(1)\nnp.random.shuffle(x)\nnp.random.seed(1)\nnp.random.shuffle(y)\n",
        "random.shuffle(train_rows)\nrandom.shuffle(test_rows)\n",
        "random.shuffle(pairs)\n",
        "for epoch in range(3):\n    random.shuffle(x)\n    step()\n",
        "x, y = shuffle(x, y)\n",
        "def one():\n    random.shuffle(x)\n\ndef two():\n    random.shuffle(y)\n",
    ],
)
def test_what_stays_together_is_not_apart(lines, text):
    assert lines(text) == []
