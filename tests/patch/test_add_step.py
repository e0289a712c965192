"""Letting an optimizer step that never does."""

import dataclasses

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import AddStep
from unstuck.patch import Unpatchable


def add(text):
    return AddStep(where(text, "optim."), where(text, "backward("))


def test_the_step_follows_the_backward_pass():
    text = code("""
        opt = optim.Adam(net.parameters())
        for epoch in range(10):
            mse(net(x), y).backward()
            print(epoch)
    """)
    assert changes(text, add(text)) == "+    opt.step()"
    assert "backward()\n    opt.step()\n    print" in patch(text, add(text)).files["train.py"]


def test_gradients_that_are_cleared_too_late_are_cleared_behind_the_step():
    text = code("""
        opt = optim.Adam(net.parameters())
        for epoch in range(10):
            opt.zero_grad()
            for part in parts:
                mse(net(part), y).backward()
    """)
    both = dataclasses.replace(add(text), clear=True)
    assert (
        "backward()\n        opt.step()\n        opt.zero_grad()\n"
        in patch(text, both).files["train.py"]
    )


def test_the_step_follows_the_clipping():
    text = code("""
        opt = optim.Adam(net.parameters())
        for epoch in range(10):
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    """)
    assert patch(text, add(text)).files["train.py"].endswith("1.0)\n    opt.step()\n")


def test_a_method_that_is_named_only_gets_its_parentheses():
    text = code("""
        opt = optim.Adam(net.parameters())
        for epoch in range(10):
            loss.backward()
            opt.step  # update
    """)
    assert changes(text, add(text)) == "-    opt.step  # update\n+    opt.step()  # update"


def test_an_attribute_is_named_as_it_is():
    text = code("""
        class Trainer:
            def __init__(self):
                self.opt = optim.Adam(self.net.parameters())

            def update(self, x, y):
                self.loss(self.net(x), y).backward()
    """)
    assert changes(text, add(text)) == "+        self.opt.step()"


def test_a_line_with_semicolons_gets_one_more():
    text = "opt = optim.Adam(net.parameters())\nfor i in range(9): loss = f(); loss.backward()\n"
    assert changes(text, add(text)).endswith(
        "+for i in range(9): loss = f(); loss.backward(); opt.step()"
    )


@pytest.mark.parametrize(
    "text",
    [
        """
        optimizers = [optim.Adam(net.parameters())]
        loss.backward()
        """,
        """
        def build():
            opt = optim.Adam(net.parameters())
        def update():
            loss.backward()
        """,
    ],
    ids=["no name", "a name that is not known there"],
)
def test_it_is_not_written_with(text):
    text = code(text)
    with pytest.raises(Unpatchable):
        patch(text, add(text))
