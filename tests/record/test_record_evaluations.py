"""The rows that a script shows its network without gradients: the last of each line."""

import pytest

SOURCE = """\
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(30, 2)
y = x.sum(1, keepdim=True)
far = torch.arange(20.0).reshape(10, 2)
net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
    LATER
ASK
print(next(net.parameters())[0, 0].item(), torch.rand(1).item())
"""


def seen(watch, ask="", later="pass", **options):
    return watch(
        SOURCE.replace("ASK", ask).replace("LATER", later), **options
    ).recording.evaluations


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        ("with torch.no_grad():\n    net(far)", 16),
        ("with torch.inference_mode():\n    net(far).mean()", 16),
        ("@torch.no_grad()\ndef told(rows):\n    return net(rows)\ntold(far)", 17),
        ("with torch.no_grad():\n    torch.tanh(nn.functional.linear(far, net[0].weight))", 16),
    ],
)
def test_rows_are_kept_with_the_line_that_calls_the_network(watch, ask, line):
    [one] = seen(watch, ask)
    assert (one.where.line, one.step, one.count) == (line, 20, 10)
    assert one.rows.tolist() == [[2.0 * i, 2.0 * i + 1] for i in range(10)]


@pytest.mark.parametrize(
    "ask",
    [
        "",
        "net(far)",
        "with torch.no_grad():\n    nn.Linear(2, 1)(far)",
        "with torch.no_grad():\n    net[0].weight += 1",
        "with torch.no_grad():\n    net[2](torch.ones(9, 4))",
    ],
)
def test_what_is_no_evaluation_of_the_network_is_not(watch, ask):
    assert seen(watch, ask) == ()


def test_of_many_the_last_that_is_looked_into_is_kept(watch):
    [one] = seen(watch, later="with torch.no_grad(): net(x + step)")
    assert one.step > 10 and one.where.line == 14


def test_without_data_none_are_stored(watch):
    assert seen(watch, "with torch.no_grad():\n    net(far)", no_data=True) == ()


def test_the_run_is_the_same_with_and_without_them(watch):
    asked = "with torch.no_grad():\n    net(far)"
    first, second = (
        watch(SOURCE.replace("ASK", ask).replace("LATER", "pass")) for ask in (asked, "")
    )
    assert first.run.stdout == second.run.stdout


def test_what_torch_or_the_recorder_do_without_gradients_leaves_the_tape_as_it_is(watch):
    clip = "nn.utils.clip_grad_norm_(net.parameters(), 1.0)"
    recording = watch(SOURCE.replace("LATER", clip).replace("ASK", "")).recording
    calls = [call.what for call in recording.calls if call.step in {3, 5}]
    assert calls == ["clear", "backward", "step"] * 2
    assert recording.evaluations == ()
