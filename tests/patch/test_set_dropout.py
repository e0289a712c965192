"""Another probability of dropping, in the ways in which dropout is written."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import SetDropout
from unstuck.patch import Unpatchable


def less(text, *markers, old=0.9, new=0.1):
    return SetDropout(tuple(where(text, marker) for marker in markers), old, new)


def test_a_module_gets_another_p():
    text = "net = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.9))\n"
    assert "nn.Dropout(0.1))" in changes(text, less(text, "Dropout"))


def test_every_module_of_a_line_with_this_p_is_changed_and_no_other():
    text = (
        "net = nn.Sequential(nn.Dropout(0.9), nn.Linear(2, 3), nn.Dropout(0.9), nn.Dropout(0.2))\n"
    )
    found = changes(text, less(text, "Dropout"))
    assert (
        "+net = nn.Sequential(nn.Dropout(0.1), nn.Linear(2, 3), nn.Dropout(0.1), nn.Dropout(0.2))"
        in (found)
    )


def test_a_keyword_gets_another_value():
    text = "self.drop = nn.Dropout2d(p=0.9, inplace=True)\n"
    assert "+self.drop = nn.Dropout2d(p=0.1, inplace=True)" in changes(text, less(text, "Dropout"))


def test_a_function_gets_another_p():
    text = "x = F.dropout(F.relu(x), 0.9, training=self.training)\n"
    found = changes(text, less(text, "dropout", new=0.0))
    assert "+x = F.dropout(F.relu(x), 0.0, training=self.training)" in found


def test_a_name_is_followed_to_its_number():
    text = code("""
        P = 0.9
        a = nn.Dropout(P)
        b = nn.Dropout(P)
    """)
    assert changes(text, less(text, "a =", "b =")) == "-P = 0.9\n+P = 0.1"


def test_a_parameter_is_followed_to_its_default():
    text = code("""
        class Net(nn.Module):
            def __init__(self, drop=0.9):
                super().__init__()
                self.drop = nn.Dropout(drop)

        net = Net()
    """)
    assert "+    def __init__(self, drop=0.1):" in changes(text, less(text, "nn.Dropout"))


def test_torchs_own_p_is_written_out():
    text = "net = nn.Sequential(nn.Linear(2, 3), nn.Dropout())\n"
    assert "nn.Dropout(p=0.1))" in changes(text, less(text, "Dropout", old=0.5))


def test_a_line_without_dropout_is_refused():
    text = "net = build()\n"
    with pytest.raises(Unpatchable, match="no dropout is visible"):
        changes(text, less(text, "build"))
