"""Whatever fails in us, the script does what it would have done, and the recording says what is missing."""

import planted
import pytest
from test_neutral_scripts import FOOTER

from unstuck.record.folder import Unreadable, load
from unstuck.trial.reproduce import differs

SCRIPT = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
x = torch.randn(24, 3)
y = x.sum(1, keepdim=True)
net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
mse = nn.MSELoss()
for epoch in range(6):
    for a, b in DataLoader(TensorDataset(x, y), batch_size=6, shuffle=True):
        opt.zero_grad()
        loss = mse(net(a), b)
        loss.backward()
        opt.step()
        print(loss.item())
try:
    loss.backward()
except RuntimeError as error:
    print(error)
print(torch.autograd.grad(net(x).sum(), net[0].weight)[0].sum())
"""

BY_HAND = """\
import torch
W = torch.randn(3, 1, requires_grad=True)
x = torch.randn(20, 3)
for step in range(25):
    loss = (x @ W - 1).pow(2).mean()
    (g,) = torch.autograd.grad(loss, W)
    with torch.no_grad():
        W -= 0.1 * g
    print(loss.item())
"""


@pytest.fixture(scope="module")
def alone(nursery, tmp_path_factory):
    """The scripts without us."""
    place = tmp_path_factory.mktemp("alone")
    return {
        source: nursery.run(source + FOOTER, place / str(number), observer=None)
        for number, source in enumerate((SCRIPT, BY_HAND))
    }


@pytest.mark.parametrize("after", [0, 3, 40])
@pytest.mark.parametrize("seam", planted.SEAMS)
def test_a_failure_of_ours_does_not_touch_the_script(nursery, tmp_path, alone, seam, after):
    options = {"fails": seam, "after": after}
    for source in (SCRIPT, BY_HAND):
        folder = tmp_path / str(len(source))
        run = nursery.run(source + FOOTER, folder, observer="planted:start", options=options)
        plain = alone[source]
        assert (run.stdout, run.stderr, run.code) == (plain.stdout, plain.stderr, plain.code)
        assert run.left == () or seam == "the end"
        log = folder / "trouble.log"
        lines = log.read_text().splitlines() if log.exists() else []
        assert len(lines) <= 12
        assert all(line.startswith("unstuck: ") for line in lines)
        try:
            recording = load(folder)
        except Unreadable as reason:
            assert "\n" not in str(reason)
            assert lines
            continue
        if lines:
            assert "planted in" in str(recording.gaps)
        if recording.setup is not None:
            assert differs(recording) is None
            assert recording.setup.plan.steps == (25 if source is BY_HAND else 24)
