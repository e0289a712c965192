"""The callbacks open a watch, close it, and say what `unstuck.watch` says."""

import os

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")

X = np.linspace(-1, 1, 64, dtype="float32")[:, None]
Y = X**2
ASKED = {"budget": "1s", "seeds": 2, "show": False}


@pytest.mark.filterwarnings("ignore")
def test_a_callback_of_keras_diagnoses_the_fit_that_it_is_given_to():
    import keras

    from unstuck.integrations.keras import Unstuck

    keras.utils.set_random_seed(0)
    told = Unstuck(**ASKED)
    layers = [
        keras.layers.Input((1,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
    model.fit(X, Y, epochs=40, batch_size=16, verbose=0, callbacks=[told])
    assert told.diagnosis.verdict == "learned"
    assert told.diagnosis.loss.steps == 160


@pytest.mark.filterwarnings("ignore")
def test_a_callback_of_skorch_points_into_the_users_file():
    import torch
    from skorch import NeuralNetRegressor

    from unstuck.integrations.skorch import Unstuck

    class Line(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Linear(8, 1))

        def forward(self, x):
            return self.layers(x)

    torch.manual_seed(0)
    adam = torch.optim.Adam
    net = NeuralNetRegressor(Line, max_epochs=60, lr=0.02, optimizer=adam, batch_size=64, verbose=0,
                             train_split=None, callbacks=[("unstuck", Unstuck(**ASKED))])  # fmt: skip
    net.fit(X, Y)
    found = dict(net.callbacks_)["unstuck"].diagnosis_
    assert found.verdict == "stuck"
    (bend,) = [one for one in found.findings if one.name == "linear-network"]
    assert bend.where is not None and bend.where.file.endswith("test_callbacks.py")


def test_a_training_of_nothing_is_one_line_and_no_error(capsys):
    from unstuck.integrations.watching import Watching

    watching = Watching()
    watching.begin()
    watching.end()
    assert capsys.readouterr().err.startswith("unstuck: nothing was trained")
    assert watching.diagnosis is None
