"""What freezes weights is taken out, each in the way that it was written."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import HoldParameters, Unfreeze
from unstuck.patch import Unpatchable


def thawed(text, *markers):
    return changes(text, Unfreeze(tuple(where(text, marker) for marker in markers)))


def test_a_loop_that_does_nothing_else_goes_as_a_whole():
    text = code("""
        net = Net()
        for p in net.body.parameters():
            p.requires_grad = False
        opt = Adam(net.parameters())
    """)
    assert thawed(text, "= False") == (
        "-for p in net.body.parameters():\n-    p.requires_grad = False"
    )


def test_a_loop_with_a_condition_goes_as_a_whole():
    text = code("""
        for name, p in net.named_parameters():
            if not name.startswith("head"):
                p.requires_grad_(False)
        train(net)
    """)
    assert len(thawed(text, "_(False)").splitlines()) == 3


def test_a_loop_that_does_more_stays():
    text = code("""
        for p in net.parameters():
            count += p.numel()
            p.requires_grad = False
    """)
    assert thawed(text, "= False") == "-    p.requires_grad = False"


def test_a_function_that_freezes_is_left_to_do_nothing():
    text = code("""
        def freeze(part):
            for p in part.parameters():
                setattr(p, "requires_grad", False)

        freeze(net.body)
    """)
    assert thawed(text, "setattr").splitlines()[-1] == "+    pass"


def test_several_flags_in_one_statement_go_together():
    text = code("""
        a.weight.requires_grad = a.bias.requires_grad = False
        train()
    """)
    assert thawed(text, "= False") == "-a.weight.requires_grad = a.bias.requires_grad = False"


@pytest.mark.parametrize(
    ("sick", "healthy"),
    [
        ("net.body = Body().requires_grad_(False)", "net.body = Body()"),
        ("w = nn.Parameter(torch.randn(2, 3), requires_grad=False)", "w = nn.Parameter(torch.randn(2, 3))"),
        ("w = nn.Parameter(requires_grad=False, data=start)", "w = nn.Parameter(data=start)"),
        ("w = torch.randn(2, 8)", "w = torch.randn(2, 8, requires_grad=True)"),
        ("w, v = torch.rand(2), load()", "w, v = torch.rand(2, requires_grad=True), load()"),
    ],
)  # fmt: skip
def test_the_rest_of_a_statement_stays(sick, healthy):
    assert thawed(f"{sick}\ntrain()\n", sick) == f"-{sick}\n+{healthy}"


def test_a_tensor_that_arithmetic_makes_would_be_no_leaf():
    with pytest.raises(Unpatchable, match="not visible"):
        thawed("w = 0.1 * torch.randn(2, 8)\n", "w =")


def test_two_lines_that_freeze_both_go():
    text = code("""
        net.a.requires_grad_(False)
        net.b.requires_grad_(False)
        train(net)
    """)
    assert len(thawed(text, "net.a", "net.b").splitlines()) == 2


@pytest.mark.parametrize(
    "given",
    [
        "filter(lambda p: p.requires_grad, net.parameters())",
        "[p for p in net.parameters() if p.requires_grad]",
        "chosen",
    ],
)
def test_an_optimizer_that_is_given_what_takes_gradients_needs_no_change(given):
    text = code(f"""
        net = Net()
        net.body.requires_grad_(False)
        chosen = [p for p in net.parameters() if p.requires_grad]
        opt = optim.SGD({given}, lr=0.1)
        loss = crit(net(x), y)
    """)
    hold = HoldParameters(where(text, "optim."), where(text, "crit("), (), False, thawed=True)
    edits = (Unfreeze((where(text, "_(False)"),)), hold)
    assert changes(text, *edits) == "-net.body.requires_grad_(False)"


def test_an_optimizer_of_the_head_is_given_the_whole_network():
    text = code("""
        net = Net()
        net.body.requires_grad_(False)
        opt = optim.SGD(net.head.parameters(), lr=0.1)
        loss = crit(net(x), y)
    """)
    hold = HoldParameters(where(text, "optim."), where(text, "crit("), (), False, thawed=True)
    edits = (Unfreeze((where(text, "_(False)"),)), hold)
    assert changes(text, *edits).splitlines()[-1] == "+opt = optim.SGD(net.parameters(), lr=0.1)"
