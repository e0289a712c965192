"""Parts of a network that no gradient reaches: they are in the program all the same."""

import pytest

from unstuck.core.transform import cuts, severed

SOURCE = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
        self.head = nn.Linear(4, 1)

    def encode(self, x):
        return self.body(x)

    def forward(self, x):
        HIDDEN
        return self.head(h)

torch.manual_seed(0)
x = torch.randn(10, 3)
y = torch.randn(10, 1)
net = Net()
BEFORE
opt = torch.optim.SGD(HELD, lr=0.1)
for step in range(6):
    opt.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    opt.step()
    with torch.no_grad():
        print(float(net(x).mean()))
print(sum(p.double().sum().item() for p in net.parameters()))
"""

CUTS = {
    "detach": "h = self.encode(x).detach()",
    "data": "h = self.encode(x).data",
    "copy": "h = torch.as_tensor(self.encode(x).detach().numpy().copy())",
    "numpy": "h = torch.from_numpy(self.encode(x).detach().numpy())",
    "list": "h = torch.tensor(self.encode(x).tolist())",
    "block": "with torch.no_grad(): h = self.encode(x)",
}


def source(hidden="h = self.encode(x)", before="", held="net.parameters()"):
    made = SOURCE.replace("HIDDEN", hidden).replace("BEFORE", before)
    return made.replace("HELD", held)


def parameters(seen):
    return {p.name: p for p in seen.setup.parameters}


def line(text, marker):
    return next(n for n, one in enumerate(text.split("\n"), 1) if marker in one)


@pytest.mark.parametrize("way", CUTS)
def test_a_detach_stands_where_a_gradient_is_lost(watch, way):
    text = source(CUTS[way])
    seen = watch(text)
    shorts = [op.short for op in seen.setup.program.ops]
    assert shorts[:2] == ["linear", "tanh"] and "detach" in shorts
    assert {"body.0.weight", "head.weight"} <= parameters(seen).keys()
    at = {op.line for op in seen.setup.program.ops if op.short == "detach"}
    assert at == {line(text, "h = ")}


REMADE = {
    "number": "loss = torch.tensor(loss.item(), requires_grad=True)",
    "variable": "loss = torch.autograd.Variable(loss.data, requires_grad=True)",
    "told": "loss = loss.detach().requires_grad_()",
    "set": "loss = loss.detach(); loss.requires_grad = True",
}


@pytest.mark.parametrize("way", REMADE)
def test_a_loss_that_is_made_of_a_bare_number_is_followed_to_where_it_came_from(watch, way):
    text = source().replace("    loss.backward()", f"    {REMADE[way]}\n    loss.backward()")
    seen = watch(text)
    assert seen.setup.plan.steps == 6
    assert severed(seen.setup.program) >= {p.slot for p in seen.setup.parameters}
    assert len(seen.setup.parameters) == 4
    assert {op.line for op in cuts(seen.setup.program)} == {line(text, REMADE[way])}


def test_a_prediction_that_is_told_to_take_gradients_is_no_weight(watch):
    text = source().replace("(net(x) - y)", "(net(x).detach().requires_grad_() - y)")
    assert parameters(watch(text)).keys() == {
        "body.0.weight", "body.0.bias", "head.weight", "head.bias"
    }  # fmt: skip


def test_their_inputs_are_those_of_the_whole_network(watch):
    seen = watch(source(CUTS["detach"]))
    [slot] = seen.setup.program.inputs
    assert seen.setup.data.rows[slot].shape == (10, 3)


def test_what_gets_no_gradient_ends_as_it_began(watch):
    found = parameters(watch(source(CUTS["block"])))
    assert (found["body.0.weight"].start == found["body.0.weight"].end).all()
    assert not (found["head.weight"].start == found["head.weight"].end).all()


@pytest.mark.parametrize(
    "before",
    [
        "net.body.requires_grad_(False)",
        "for p in net.body.parameters(): p.requires_grad = False",
        "net.body[0].weight.requires_grad = net.body[0].bias.requires_grad = False",
    ],
)
def test_frozen_weights_know_the_line_that_froze_them(watch, before):
    text = source(before=before)
    found = parameters(watch(text))
    assert {name for name, p in found.items() if p.frozen} == {"body.0.weight", "body.0.bias"}
    assert [n for _, n in found["body.0.weight"].froze] == [line(text, before)]


def test_weights_that_were_thawed_again_are_not_frozen(watch):
    before = "net.requires_grad_(False); net.requires_grad_(True)"
    assert not any(p.frozen or p.froze for p in watch(source(before=before)).setup.parameters)


def test_freezing_after_the_training_does_not_count(watch):
    seen = watch(source() + "\nnet.requires_grad_(False)\n")
    assert not any(p.frozen for p in seen.setup.parameters)


def test_a_frozen_layer_before_the_loss_is_a_weight_and_no_constant(watch):
    seen = watch(source(before="net.head.requires_grad_(False)"))
    assert parameters(seen)["head.weight"].frozen
    assert seen.setup.program.constants == {}


def test_frozen_weights_are_drawn_as_they_were_drawn(watch):
    found = parameters(watch(source(before="net.body.requires_grad_(False)")))
    assert [draw.how for draw in found["body.0.weight"].draws] == ["fan_uniform"]


def test_frozen_weights_that_were_loaded_are_kept(watch):
    before = (
        "net.load_state_dict({k: torch.from_numpy(v.numpy() + 1) for k, v in net.state_dict().items()});"
        " net.body.requires_grad_(False)"
    )
    found = parameters(watch(source(before=before)))
    assert [draw.how for draw in found["body.0.weight"].draws] == ["keep"]


def test_a_bare_tensor_that_the_optimizer_holds_is_a_frozen_weight(watch):
    text = """\
import torch
x, y = torch.randn(8, 2), torch.randn(8, 1)
w = torch.randn(2, 3)
v = torch.randn(3, 1, requires_grad=True)
opt = torch.optim.SGD([w, v], lr=0.1)
for step in range(4):
    opt.zero_grad()
    ((torch.tanh(x @ w) @ v - y) ** 2).mean().backward()
    opt.step()
"""
    found = parameters(watch(text))
    assert found["w"].frozen and found["w"].group == 0
    assert found["w"].made[1] == 3


def test_features_that_are_computed_once_are_data(watch):
    before = "with torch.no_grad(): features = net.body(x)"
    text = source(before=before).replace("net(x) - y", "net.head(features) - y")
    seen = watch(text)
    assert parameters(seen).keys() == {"head.weight", "head.bias"}
    [slot] = seen.setup.program.inputs
    assert seen.setup.data.rows[slot].shape == (10, 4)
    assert "static" not in seen.recording.gaps
    assert seen.recording.lines["forward"].line == line(text, "net.head(features)")


def test_targets_that_another_network_computes_stay_data(watch):
    text = source(before="teacher = Net()").replace(
        "    loss = (net(x) - y)",
        "    with torch.no_grad(): y = teacher(x)\n    loss = (net(x) - y)",
    )
    seen = watch(text)
    assert len(seen.setup.parameters) == 4
    assert len(seen.setup.program.targets) == 1


def test_what_another_loss_trains_is_no_part_of_this_training(watch):
    text = """\
import torch
from torch import nn
torch.manual_seed(0)
x, y = torch.randn(8, 2), torch.randn(8, 1)
maker, judge = nn.Linear(2, 3), nn.Linear(3, 1)
first = torch.optim.SGD(judge.parameters(), lr=0.1)
second = torch.optim.SGD(maker.parameters(), lr=0.1)
for step in range(5):
    first.zero_grad()
    (judge(maker(x).detach()) - y).pow(2).mean().backward()
    first.step()
    second.zero_grad()
    maker(x).pow(2).mean().backward()
    second.step()
(judge(maker(x).detach()) - y).pow(2).mean().backward()
first.step()
"""
    assert parameters(watch(text)).keys() == {"weight", "bias"}


@pytest.mark.parametrize("hidden", [*CUTS.values(), "h = self.encode(x)"])
def test_the_script_does_what_it_does_unwatched(watch, nursery, tmp_path, hidden):
    text = source(hidden)
    plain = nursery.run(text, tmp_path / "plain", observer=None)
    assert watch(text).run.stdout == plain.stdout


def test_gradients_that_are_handed_over_and_put_in_place_are_left_by_nobody(watch):
    backward = """for p, g in zip(net.parameters(), torch.autograd.grad(loss, list(net.parameters()))):
        p.grad = g"""
    text = source().replace("    opt.zero_grad()\n", "").replace("loss.backward()", backward)
    assert watch(text).setup.loop.clears == "before"
    assert watch(source().replace("    opt.zero_grad()\n", "")).setup.loop.clears == "never"
