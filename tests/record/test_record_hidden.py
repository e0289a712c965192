"""Layers in plain lists and dicts: they run and get gradients, but no optimizer holds them."""

SOURCE = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(3, 4), nn.Sequential(nn.Linear(4, 4), nn.Tanh())]
        self.parts = {"last": nn.Linear(4, 2)}
        self.kept = nn.Linear(2, 1)
        self.twice = [self.kept]

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.kept(self.parts["last"](x))

torch.manual_seed(0)
x = torch.randn(10, 3)
net = Net()
opt = torch.optim.SGD(PARAMETERS, lr=0.1)
for step in range(4):
    opt.zero_grad()
    loss = net(x).pow(2).mean()
    loss.backward()
    opt.step()
"""


def parameters(watch, held="net.parameters()"):
    seen = watch(SOURCE.replace("PARAMETERS", held))
    return seen, {p.name: p for p in seen.setup.parameters}


def test_they_are_named_by_where_they_stand(watch):
    _, found = parameters(watch)
    weights = {name for name in found if name.endswith("weight")}
    assert weights == {"layers.0.weight", "layers.1.0.weight", "parts.last.weight", "kept.weight"}
    hidden = {name: found[name].hidden for name in weights}
    assert hidden["layers.0.weight"] == hidden["layers.1.0.weight"] == "layers"
    assert hidden["parts.last.weight"] == "parts"


def test_a_layer_that_is_registered_as_well_is_not_hidden(watch):
    _, found = parameters(watch)
    assert found["kept.weight"].hidden == "" and found["kept.weight"].group == 0


def test_no_optimizer_holds_them_and_they_stay_as_they_were_drawn(watch):
    _, found = parameters(watch)
    assert {p.group for p in found.values() if p.hidden} == {-1}
    assert all((p.start == p.end).all() for p in found.values() if p.hidden)


def test_those_that_the_script_hands_over_itself_are_held(watch):
    more = "[*net.parameters(), *net.layers[0].parameters()]"
    _, found = parameters(watch, more)
    assert found["layers.0.weight"].group == 0 and found["parts.last.weight"].group == -1


def test_their_operations_and_the_lines_where_they_were_built_are_known(watch):
    seen, _ = parameters(watch)
    assert "layers.0" in {op.module for op in seen.setup.program.ops}
    built = {site.path: site.where.line for site in seen.recording.sites if site.where}
    assert (built["layers.0"], built["parts.last"]) == (7, 8)
