"""What keeps gradients back is taken out, each in the way that it was written."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import LetGradients
from unstuck.patch import Unpatchable


def let(text, *markers):
    return changes(text, LetGradients(tuple(where(text, marker) for marker in markers)))


@pytest.mark.parametrize(
    ("sick", "healthy"),
    [
        ("h = self.enc(x).detach()", "h = self.enc(x)"),
        ("return self.head(self.enc(x).detach())", "return self.head(self.enc(x))"),
        ("h = self.enc(x).detach().clone()", "h = self.enc(x).clone()"),
        ("h = self.enc(x).data", "h = self.enc(x)"),
        ("h = torch.tensor(self.enc(x))", "h = self.enc(x)"),
        ("h = torch.from_numpy(self.enc(x).detach().cpu().numpy())", "h = self.enc(x)"),
        ("h = torch.tensor(self.enc(x).tolist()) + torch.tensor(0.5)",
         "h = self.enc(x) + torch.tensor(0.5)"),
    ],
)  # fmt: skip
def test_the_step_out_of_the_graph_goes_and_the_rest_stays(sick, healthy):
    text = f"def forward(self, x):\n    {sick}\n    return h\n"
    assert let(text, sick) == f"-    {sick}\n+    {healthy}"


@pytest.mark.parametrize(
    "line", ["x = x.detach()", "x = x.data", "x = torch.tensor(x)", "x.detach_()"]
)
def test_a_line_that_does_nothing_else_goes(line):
    assert let(f"x = f(x)\n{line}\ny = g(x)\n", line) == f"-{line}"


@pytest.mark.parametrize(
    "line",
    [
        "loss = torch.tensor(loss.item(), requires_grad=True)",
        "loss = loss.detach().requires_grad_()",
        "loss = loss.detach().requires_grad_(True)",
        "loss = Variable(loss.data, requires_grad=True)",
    ],
)
def test_a_loss_that_is_made_anew_of_its_number_is_left_as_it_was(line):
    assert let(f"loss = f(x)\n{line}\nloss.backward()\n", line) == f"-{line}"


@pytest.mark.parametrize(
    ("sick", "healthy"),
    [
        ("p = torch.round(net(x)).squeeze(1)", "p = net(x).squeeze(1)"),
        ("p = net(x).round()", "p = net(x)"),
        ("p = (net(x) > 0.5).float()", "p = net(x).float()"),
    ],
)
def test_a_step_that_stands_still_goes(sick, healthy):
    assert let(f"{sick}\nloss = f(p, y)\n", sick) == f"-{sick}\n+{healthy}"


@pytest.mark.parametrize("target", ["y.round()", "(y > 0).float()", "torch.floor(y)"])
def test_steps_of_data_beside_a_cut_stay(target):
    line = f"loss = f(net(x).detach(), {target})"
    assert let(f"{line}\n", line) == f"-{line}\n+loss = f(net(x), {target})"


def test_a_value_within_the_graph_is_not_told_to_take_gradients():
    text = "out = net(x).detach()\nloss = f(out, y)\nloss.requires_grad = True\nloss.backward()\n"
    assert (
        let(text, "detach") == "-out = net(x).detach()\n+out = net(x)\n-loss.requires_grad = True"
    )


def test_a_block_without_gradients_is_dissolved():
    text = code("""
        def forward(self, x):
            with torch.no_grad():
                h = self.enc(x)  # features

                h = self.norm(
                    h,
                )
            return self.head(h)
    """)
    assert let(text, "no_grad") == (
        "-    with torch.no_grad():\n"
        "-        h = self.enc(x)  # features\n"
        "+    h = self.enc(x)  # features\n"
        "-        h = self.norm(\n"
        "-            h,\n"
        "-        )\n"
        "+    h = self.norm(\n"
        "+        h,\n"
        "+    )"
    )


def test_a_block_on_one_line_is_dissolved():
    text = "with torch.no_grad(): h = enc(x)\nout = head(h)\n"
    assert let(text, "no_grad") == "-with torch.no_grad(): h = enc(x)\n+h = enc(x)"


def test_another_context_beside_it_stays():
    text = "with autocast(), torch.no_grad():\n    h = enc(x)\nout = head(h)\n"
    assert let(text, "no_grad") == "-with autocast(), torch.no_grad():\n+with autocast():"


def test_lines_within_a_string_keep_their_white_space():
    text = 'with torch.no_grad():\n    note = """\n    a\n    """\n    h = enc(x)\n'
    assert (
        "a"
        not in let(text, "no_grad").replace("no_grad", "").replace("enc(x)", "").split("note")[0]
    )
    assert "+    a" not in let(text, "no_grad")


def test_a_decorator_goes():
    text = code("""
        class Net(nn.Module):
            @torch.no_grad()
            def encode(self, x):
                return self.enc(x)

            def forward(self, x):
                return self.head(self.encode(x))
    """)
    assert let(text, "self.head(") == "-    @torch.no_grad()"


def test_which_of_two_values_is_not_guessed():
    with pytest.raises(Unpatchable, match="more than one value"):
        let("h = a(x).detach() + b(x).detach()\n", "h =")


def test_a_detour_over_several_lines_is_not_straightened():
    text = "h = enc(x).detach().numpy()\nh = torch.from_numpy(h)\n"
    with pytest.raises(Unpatchable, match="not one expression"):
        let(text, "detach")


def test_gradients_that_are_switched_off_elsewhere_are_left_alone():
    with pytest.raises(Unpatchable, match="not visible"):
        let("torch.set_grad_enabled(False)\nh = enc(x)\n", "set_grad")
