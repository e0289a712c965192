"""Statements that draw starting values taken out, with the loops and branches that they leave empty."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import KeepDefaultInit
from unstuck.patch import Unpatchable


def keep(text, *markers):
    return KeepDefaultInit(tuple(where(text, marker) for marker in markers))


def test_a_line_of_its_own_goes():
    text = "net = nn.Linear(2, 1)\nnn.init.zeros_(net.weight)\nfit(net)\n"
    assert changes(text, keep(text, "zeros_")) == "-nn.init.zeros_(net.weight)"


def test_a_loop_that_does_nothing_else_goes():
    text = code("""
        net = build()
        for layer in net:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=5)
                nn.init.zeros_(layer.bias)
        fit(net)
    """)
    edit = keep(text, "normal_", "zeros_")
    assert patch(text, edit).files["train.py"] == "net = build()\nfit(net)\n"


def test_what_else_the_branch_does_stays():
    text = code("""
        for layer in net:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=5)
                print(layer)
    """)
    assert changes(text, keep(text, "normal_")) == ("-        nn.init.normal_(layer.weight, std=5)")


def test_a_function_that_did_nothing_else_does_nothing():
    text = code("""
        def init(module):
            if isinstance(module, nn.Linear):
                module.weight.data.normal_(0, 5)
                module.bias.data.fill_(0)

        net.apply(init)
    """)
    after = patch(text, keep(text, "weight", "bias")).files["train.py"]
    assert after == "def init(module):\n    pass\n\nnet.apply(init)\n"


def test_arithmetic_and_assignments_of_a_layers_values_go():
    text = code("""
        with torch.no_grad():
            net.fc.weight *= 100
            net.fc.bias.data = torch.full((3,), 9.0)
        fit()
    """)
    assert patch(text, keep(text, "*=", "full")).files["train.py"] == "fit()\n"


def test_an_assignment_of_anything_else_is_refused():
    text = "w = torch.randn(3, 4) * 100\n"
    with pytest.raises(Unpatchable, match="more than a layer's starting values"):
        changes(text, keep(text, "randn"))


def test_a_branch_with_an_else_keeps_its_shape():
    text = code("""
        if args.wide:
            nn.init.normal_(net.weight, std=9)
        else:
            print("default")
    """)
    assert changes(text, keep(text, "normal_")) == (
        "-    nn.init.normal_(net.weight, std=9)\n+    pass"
    )
