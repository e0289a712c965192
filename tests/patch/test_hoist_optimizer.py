"""Building the optimizer in front of the loop instead of inside of it."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import HoistOptimizer
from unstuck.patch import Unpatchable


def hoist(text, built="optim.", step=".step()"):
    return HoistOptimizer(where(text, built), where(text, step))


def test_it_goes_behind_what_precedes_the_loop():
    text = code("""
        net = Net()

        # training
        for step in range(10):
            opt = optim.Adam(net.parameters())
            opt.zero_grad()
            mse(net(x), y).backward()
            opt.step()
    """)
    assert patch(text, hoist(text)).files["train.py"] == code("""
        net = Net()
        opt = optim.Adam(net.parameters())

        # training
        for step in range(10):
            opt.zero_grad()
            mse(net(x), y).backward()
            opt.step()
    """)


def test_it_leaves_all_loops_over_the_same_network():
    text = code("""
        net = Net()
        for epoch in range(10):
            for x, y in loader:
                opt = optim.SGD(
                    net.parameters(),
                    lr=0.1,
                )
                mse(net(x), y).backward()
                opt.step()
    """)
    assert patch(text, hoist(text)).files["train.py"] == code("""
        net = Net()
        opt = optim.SGD(
            net.parameters(),
            lr=0.1,
        )
        for epoch in range(10):
            for x, y in loader:
                mse(net(x), y).backward()
                opt.step()
    """)


def test_it_stays_inside_of_a_loop_over_new_networks():
    text = code("""
        for seed in range(3):
            net = Net()
            for step in range(10):
                opt = optim.Adam(net.parameters())
                mse(net(x), y).backward()
                opt.step()
    """)
    assert patch(text, hoist(text)).files["train.py"] == code("""
        for seed in range(3):
            net = Net()
            opt = optim.Adam(net.parameters())
            for step in range(10):
                mse(net(x), y).backward()
                opt.step()
    """)


def test_the_second_of_two_equal_lines_goes():
    text = code("""
        opt = optim.Adam(net.parameters())
        while True:
            opt = optim.Adam(net.parameters())
            mse(net(x), y).backward()
            opt.step()
    """)
    edit = HoistOptimizer(where(text, "optim.", nth=1), where(text, "step()"))
    assert changes(text, edit) == "-    opt = optim.Adam(net.parameters())"


def test_a_function_gets_it_from_where_it_is_called():
    text = code("""
        def update(model, x, y):
            opt = optim.Adam(model.parameters(), lr=LR)
            mse(model(x), y).backward()
            opt.step()

        net = Net()
        for x, y in batches:
            update(net, x, y)
    """)
    assert changes(text, hoist(text)) == (
        "-def update(model, x, y):\n"
        "-    opt = optim.Adam(model.parameters(), lr=LR)\n"
        "+def update(model, x, y, opt):\n"
        "+opt = optim.Adam(net.parameters(), lr=LR)\n"
        "-    update(net, x, y)\n"
        "+    update(net, x, y, opt)"
    )


def test_a_loop_within_the_function_is_the_one_that_counts():
    text = code("""
        def fit(model):
            for x, y in batches:
                opt = optim.Adam(model.parameters())
                mse(model(x), y).backward()
                opt.step()

        fit(Net())
    """)
    assert changes(text, hoist(text)) == (
        "+    opt = optim.Adam(model.parameters())\n-        opt = optim.Adam(model.parameters())"
    )


def test_a_line_with_semicolons_loses_its_part():
    text = "for i in range(9): opt = optim.Adam(net.parameters()); loss(); opt.step()\n"
    assert changes(text, hoist(text, step="for")) == (
        "-for i in range(9): opt = optim.Adam(net.parameters()); loss(); opt.step()\n"
        "+opt = optim.Adam(net.parameters())\n"
        "+for i in range(9): loss(); opt.step()"
    )


UNWRITABLE = {
    "a rate that the loop sets": """
        for epoch in range(10):
            rate = 0.1 / (epoch + 1)
            opt = optim.Adam(net.parameters(), lr=rate)
            opt.step()
    """,
    "a condition": """
        for epoch in range(10):
            if epoch > 3:
                opt = optim.Adam(net.parameters())
            opt.step()
    """,
    "no name": """
        for epoch in range(10):
            optim.Adam(net.parameters()).step()
    """,
    "no loop": """
        opt = optim.Adam(net.parameters())
        opt.step()
    """,
    "a method": """
        class Trainer:
            def update(self, x):
                opt = optim.Adam(self.net.parameters())
                opt.step()

        trainer = Trainer()
        for x in batches:
            trainer.update(x)
    """,
    "a function with options": """
        def update(model, *, x=None):
            opt = optim.Adam(model.parameters())
            opt.step()

        for x in batches:
            update(net, x=x)
    """,
    "a name that is taken": """
        def update(model):
            opt = optim.Adam(model.parameters())
            opt.step()

        opt = "adam"
        for x in batches:
            update(net)
    """,
}


@pytest.mark.parametrize("case", UNWRITABLE)
def test_it_is_not_written_with(case):
    text = code(UNWRITABLE[case])
    with pytest.raises(Unpatchable):
        patch(text, hoist(text))


def test_a_call_by_keywords_hands_it_over_by_its_name():
    text = code("""
        def update(model, x, y, rate):
            opt = optim.SGD(model.parameters(), lr=rate, momentum=0.9)
            mse(model(x), y).backward()
            opt.step()

        for step in range(100):
            update(net, x, y, rate=0.1)
    """)
    assert changes(text, hoist(text)) == (
        "-def update(model, x, y, rate):\n"
        "-    opt = optim.SGD(model.parameters(), lr=rate, momentum=0.9)\n"
        "+def update(model, x, y, rate, opt):\n"
        "+opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)\n"
        "-    update(net, x, y, rate=0.1)\n"
        "+    update(net, x, y, rate=0.1, opt=opt)"
    )
