"""Networks that are put into evaluation mode while they are trained."""

import json

import numpy as np
import pytest
import torch

from unstuck.core.transform import as_ended
from unstuck.probe.subject import subject
from unstuck.trial.reproduce import differs

SCRIPT = """
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(40, 3) * 4 + 5
Y = X.sum(1, keepdim=True)
net = nn.Sequential(nn.Linear(3, 8), {layer}, nn.ReLU(), nn.Linear(8, 1))
loss_fn = nn.MSELoss()
opt = torch.optim.SGD(net.parameters(), lr=0.001)
for epoch in range(30):
    {top}
    for i in range(0, 40, 20):
        opt.zero_grad()
        loss = loss_fn(net(X[i:i + 20]), Y[i:i + 20])
        loss.backward()
        opt.step()
    if epoch == {when}:
        net.eval()
        loss_fn(net(X), Y)
        {after}
with torch.no_grad():
    print(repr(loss_fn(net(X), Y).item()))
"""

BATCH_NORM, DROPOUT = "nn.BatchNorm1d(8)", "nn.Dropout(0.5)"


def written(layer=BATCH_NORM, top="pass", when=3, after="pass"):
    return SCRIPT.format(layer=layer, top=top, when=when, after=after)


@pytest.mark.parametrize("layer", [BATCH_NORM, DROPOUT])
def test_a_network_that_stays_in_evaluation_mode_is_seen_with_the_line(watch, layer):
    seen = watch(written(layer))
    assert seen.setup.loop.evaluates == 8  # the first step that is watched after the switch
    assert seen.recording.lines["eval"].line == 19
    assert seen.recording.lines["eval"].file


@pytest.mark.parametrize(
    "habit",
    [{"top": "net.train()"}, {"after": "net.train()"}, {"when": -1}, {"layer": "nn.Tanh()"}],
)
def test_one_that_goes_back_or_has_no_such_layers_is_not(watch, habit):
    assert watch(written(**habit)).setup.loop.evaluates == 0


def test_its_end_is_measured_as_its_last_steps_ran_it(watch):
    seen = watch(written())
    found = subject(seen.setup)
    targets = found.rows[seen.setup.program.targets[0]]
    loss = torch.nn.functional.mse_loss(found.predictions(-1), targets)
    assert float(loss) == pytest.approx(float(seen.run.stdout), rel=1e-5)


def test_what_batchnorm_gathered_stands_among_the_constants(watch):
    seen = watch(written().replace("loss_fn(net(X), Y).item()", "net[1].running_mean.tolist()"))
    [norm] = [op for op in seen.setup.program.ops if op.short == "batch_norm"]
    gathered = seen.setup.program.constants[norm.args[1]["slot"]]
    assert gathered == pytest.approx(np.array(json.loads(seen.run.stdout)))


def test_trials_train_without_dropout_that_ended_early_and_not_at_all_where_batchnorm_changes(
    watch,
):
    dropped, early = watch(written(DROPOUT)), watch(written(DROPOUT, when=0))
    normalised = watch(written())
    assert "late, by step 8" in differs(dropped.recording)
    assert differs(early.recording) is None
    assert "from step 8 on the network is in evaluation mode" in differs(normalised.recording)
    ended = as_ended(early.setup)
    assert ended.loop.evaluates == 0
    assert as_ended(ended) is ended
