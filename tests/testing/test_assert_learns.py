"""`assert_learns` passes networks that can learn, and fails the others with the diagnosis as its message."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from unstuck.testing import DoesNotLearn, assert_learns
from unstuck.testing.checks import looked

X = torch.randn(40, 3, generator=torch.Generator().manual_seed(0))
Y = torch.sin(2 * X[:, :1]) * X[:, 1:2]


def network(*more):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1), *more)


class OfAll(nn.Module):
    """Centres over the batch, by hand."""

    def __init__(self):
        super().__init__()
        self.inner = network()

    def forward(self, x):
        return self.inner(x - x.mean(0))


class Blind(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = network()

    def forward(self, x):
        return self.inner(x * 0)


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 32), nn.Linear(32, 1)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)).detach())


def checks(model, X=X, y=Y):
    found = looked(model, X, y, loss="mse", optimizer=None, random_state=0)
    return {name: why for name, why in found.items() if why}


def test_a_network_that_learns_passes_and_stays_as_it_is():
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert assert_learns(model, X, Y, loss="mse").verdict == "learned"
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_network_that_cannot_bend_fails_with_the_diagnosis():
    with pytest.raises(DoesNotLearn) as caught:
        assert_learns(nn.Linear(3, 1), X, Y, loss="mse", budget="2s")
    assert list(caught.value.failed) == ["fits"]
    assert str(caught.value.diagnosis) in str(caught.value)


def test_a_sound_network_has_nothing_to_be_told():
    assert checks(network()) == {}


def test_rows_that_are_mixed_are_told():
    assert list(checks(OfAll())) == ["samples"]


def test_normalisation_over_the_batch_mixes_no_rows_as_it_is_used():
    assert checks(nn.Sequential(nn.BatchNorm1d(3), network())) == {}


def test_an_input_that_is_ignored_is_told():
    assert checks(Blind())["input"] == "the output is the same whatever the input is."


def test_parameters_without_gradient_are_named():
    assert checks(Detached())["gradients"] == "no gradient reaches first.bias, first.weight."


def test_a_layer_that_starts_at_zero_does_not_count_as_one_that_holds_gradients_back():
    model = network()
    nn.init.zeros_(model[2].weight)
    assert checks(model) == {"input": "the output is the same whatever the input is."}


def test_a_check_that_there_is_none_of_is_refused():
    with pytest.raises(
        ValueError, match=r"without=\['fit'\] names no check; there are fits, starts"
    ):
        assert_learns(network(), X, Y, without=["fit"])


def test_the_plugin_brings_no_framework_and_the_fixture_fails_with_a_page(tmp_path):
    (tmp_path / "test_net.py").write_text(
        "import sys\n"
        "def test_first():\n"
        "    assert not {'torch', 'numpy', 'rich'} & set(sys.modules)\n"
        "def test_net(assert_learns):\n"
        "    import torch\n"
        "    X = torch.randn(20, 2)\n"
        "    net = torch.nn.Linear(2, 1)\n"
        "    torch.nn.init.constant_(net.bias, 1000.0)\n"
        "    assert_learns(net, X, X.sum(1, keepdim=True), loss='mse', budget='1s')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "unstuck.testing.plugin", "-p", "no:cacheprovider",
         "--unstuck-report", "pages", "test_net.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # it may be installed, too
    )  # fmt: skip
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "starts: the loss begins at" in done.stdout
    assert [page.suffix for page in (tmp_path / "pages").iterdir()] == [".html"]
