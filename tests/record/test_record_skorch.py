"""skorch's nets: torch with the loop in other hands."""

import pytest

from unstuck.record.folder import load
from unstuck.trial.reproduce import differs

NET = """
import numpy as np
import torch
from skorch import NeuralNetRegressor
from torch import nn

torch.manual_seed(0)
x = np.linspace(-1, 1, 128, dtype="float32")[:, None]

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x):
        return self.body(x)

net = NeuralNetRegressor(Net, max_epochs=5, lr=0.01, optimizer=torch.optim.Adam, batch_size=32, verbose=0)
net.fit(x, x ** 2)
"""


@pytest.fixture(scope="module")
def recorded(nursery, tmp_path_factory):
    """Return the recording of a net's fit."""
    folder = tmp_path_factory.mktemp("skorch")
    run = nursery.run(NET, folder)
    assert run.code == 0, run.stderr
    assert not (folder / "trouble.log").exists(), (folder / "trouble.log").read_text()
    return load(folder)


def test_the_training_is_a_setup_whose_losses_are_repeated(recorded):
    assert recorded.setup is not None
    assert (recorded.setup.optimizer.kind, recorded.setup.optimizer.rate) == ("Adam", 0.01)
    assert differs(recorded) is None


def test_rows_that_are_held_out_for_validation_are_none_of_the_training(recorded):
    assert recorded.setup.data.count == 102
    assert recorded.setup.plan.batch == 32 and recorded.setup.made == 5 * 4


def test_layers_point_to_their_own_line_and_steps_to_the_one_that_fits(recorded):
    assert recorded.lines["step"].line == 19
    assert {op.line for op in recorded.setup.program.ops if op.short == "linear"} == {16}
