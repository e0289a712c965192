"""Training mode where the source switches to evaluation mode before it trains."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import StayInTraining
from unstuck.patch import Unpatchable


def stays(text, backward=None):
    files = {"train.py": text} if isinstance(text, str) else text
    return changes(text, backward or StayInTraining(where(files["train.py"], "backward")))


def test_a_statement_before_the_loop_is_turned_round():
    text = code("""
        net.eval()
        for step in range(100):
            loss_of(net(x), y).backward()
    """)
    assert stays(text) == "-net.eval()\n+net.train()"


def test_a_mode_given_as_an_argument_is_left_to_its_default():
    text = "net.train(mode=False)\nloss_of(net(x), y).backward()\n"
    assert stays(text) == "-net.train(mode=False)\n+net.train()"


def test_a_network_is_switched_where_it_is_built():
    text = code("""
        net = nn.Sequential(
            nn.BatchNorm1d(3),
            nn.Linear(3, 1),
        ).eval()
        loss_of(net(x), y).backward()
    """)
    assert stays(text) == "-).eval()\n+).train()"


def test_a_switch_within_the_loop_is_turned_round():
    text = code("""
        for step in range(100):
            model.eval()
            loss_of(model(x), y).backward()
    """)
    assert stays(text) == "-    model.eval()\n+    model.train()"


def test_a_function_that_freezes_layers_is_changed():
    text = code("""
        def freeze(model):
            for m in model.modules():
                if isinstance(m, nn.BatchNorm1d):
                    m.eval()

        freeze(net)
        loss_of(net(x), y).backward()
    """)
    assert stays(text) == "-            m.eval()\n+            m.train()"


def test_evaluations_stay_evaluations():
    text = code("""
        def score(model):
            model.eval()
            with torch.no_grad():
                return loss_of(model(x), y)

        net.eval()
        for step in range(100):
            loss_of(net(x), y).backward()
        net.eval()
    """)
    assert stays(text) == "-net.eval()\n+net.train()"


def test_other_calls_of_the_name_are_no_switches():
    text = "n = eval('3')\nframe.eval('a + b')\nnet.eval()\nloss_of(net(x), y).backward()\n"
    assert stays(text) == "-net.eval()\n+net.train()"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("loss_of(net(x), y).backward()\nnet.eval()\n", "nowhere that is visible"),
        ("a.eval()\nb.eval()\nloss_of(a(x), b(x)).backward()\n", "in more than one place"),
    ],
)
def test_a_switch_that_is_not_plain_is_refused(text, why):
    with pytest.raises(Unpatchable, match=why):
        stays(text)
