"""Handing an optimizer the parameters of the network that is trained."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import HoldParameters
from unstuck.patch import Unpatchable


def hold(text, called="", forward="crit(", every=False):
    lines = (where(text, called),) if called else ()
    return HoldParameters(where(text, "optim."), where(text, forward), lines, every)


def test_a_part_becomes_the_whole():
    text = code("""
        net = Net()
        opt = optim.SGD(net.head.parameters(), lr=0.1)
        loss = crit(net(x), y)
    """)
    assert changes(text, hold(text)) == (
        "-opt = optim.SGD(net.head.parameters(), lr=0.1)\n"
        "+opt = optim.SGD(net.parameters(), lr=0.1)"
    )


def test_a_list_of_names_becomes_that_of_all_parameters():
    text = code("""
        opt = optim.Adam([W2, b2], lr=0.1)
        loss = crit(net(x), y)
    """)
    edit = HoldParameters(
        where(text, "optim."), where(text, "crit("), (), every=False, names=("W1", "b1", "W2", "b2")
    )
    assert changes(text, edit) == (
        "-opt = optim.Adam([W2, b2], lr=0.1)\n+opt = optim.Adam([W1, b1, W2, b2], lr=0.1)"
    )


def test_a_second_network_is_added():
    text = code("""
        enc = Encoder()
        dec = Decoder()
        opt = optim.SGD(dec.parameters(), lr=0.1)
        code = enc(x)
        loss = crit(dec(code), y)
    """)
    assert changes(text, hold(text, "enc(x)")) == (
        "-opt = optim.SGD(dec.parameters(), lr=0.1)\n"
        "+opt = optim.SGD(list(dec.parameters()) + list(enc.parameters()), lr=0.1)"
    )


def test_a_third_is_added_to_two():
    text = code("""
        a = Net()
        b = Net()
        c = Net()
        opt = optim.SGD(list(a.parameters()) + list(b.parameters()))
        loss = crit(c(b(a(x))), y)
    """)
    assert changes(text, hold(text)) == (
        "-opt = optim.SGD(list(a.parameters()) + list(b.parameters()))\n"
        "+opt = optim.SGD(list(a.parameters()) + list(b.parameters()) + list(c.parameters()))"
    )


def test_another_network_gives_way_to_the_one_that_is_called():
    text = code("""
        old = Net()
        new = Net()
        opt = optim.SGD(old.parameters())
        loss = crit(new(x), y)
    """)
    assert changes(text, hold(text, every=True)) == (
        "-opt = optim.SGD(old.parameters())\n+opt = optim.SGD(new.parameters())"
    )


def test_the_optimizer_is_built_after_its_network_was_replaced():
    text = code("""
        net = Net(4)
        opt = optim.SGD(
            net.parameters(),
        )
        net = Net(8)
        loss = crit(net(x), y)
    """)
    assert patch(text, hold(text, every=True)).files["train.py"] == code("""
        net = Net(4)
        net = Net(8)
        opt = optim.SGD(
            net.parameters(),
        )
        loss = crit(net(x), y)
    """)


UNWRITABLE = {
    "parameters that are not asked for in the call": """
        net = Net()
        opt = optim.SGD(weights)
        loss = crit(net(x), y)
    """,
    "a network without a name": """
        self.net = Net()
        opt = optim.SGD(self.net.head.parameters())
        loss = crit(self.net(x), y)
    """,
    "groups": """
        a = Net()
        b = Net()
        opt = optim.SGD([{"params": a.parameters()}])
        loss = crit(b(a(x)), y)
    """,
}


@pytest.mark.parametrize("case", UNWRITABLE)
def test_it_is_not_written_with(case):
    text = code(UNWRITABLE[case])
    with pytest.raises(Unpatchable):
        patch(text, hold(text))
