"""Clearing gradients, and moving the clearing to where it belongs."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import ClearGradients, MoveClear
from unstuck.patch import Unpatchable


def clear(text, backward="backward(", step="step("):
    return ClearGradients(where(text, backward), where(text, step))


def test_the_optimizer_is_cleared_in_front_of_backward():
    text = code("""
        for epoch in range(10):
            loss = criterion(net(X), y)
            loss.backward()
            optimizer.step()
    """)
    assert changes(text, clear(text)) == "+    optimizer.zero_grad()"
    assert (
        "    optimizer.zero_grad()\n    loss.backward()\n"
        in patch(text, clear(text)).files["train.py"]
    )


def test_the_optimizer_of_a_trainer_is_named_as_it_is_there():
    text = code("""
        class Trainer:
        \tdef update(self, x, y):
        \t\t# backward pass
        \t\tself.loss(self.net(x), y).backward()
        \t\tself.optimizers["g"].step()
    """)
    assert changes(text, clear(text)) == '+\t\tself.optimizers["g"].zero_grad()'


def test_a_line_with_semicolons_gets_one_more():
    text = "for i in range(9): loss = f(); loss.backward(); opt.step()\n"
    assert changes(text, clear(text)) == (
        "-for i in range(9): loss = f(); loss.backward(); opt.step()\n"
        "+for i in range(9): loss = f(); opt.zero_grad(); loss.backward(); opt.step()"
    )


def test_a_gradient_scaler_is_not_what_is_cleared():
    text = code("""
        scaler.scale(loss).backward()
        scaler.step(opt)
        scaler.update()
    """)
    assert changes(text, clear(text, step="step(opt")) == "+opt.zero_grad()"


def test_a_closure_is_cleared_inside():
    text = code("""
        def closure():
            err = mse(net(time), signal)
            err.backward()
            return err

        for outer in range(25):
            optim.step(closure)
    """)
    assert changes(text, clear(text)) == "+    optim.zero_grad()"


def test_several_optimizers_in_a_loop_are_cleared_in_a_loop():
    text = code("""
        loss.backward()
        for o in optimizers:
            o.step()
    """)
    assert changes(text, clear(text)) == "+for o in optimizers:\n+    o.zero_grad()"


def test_an_optimizer_that_backward_cannot_see_is_cleared_after_its_step():
    text = code("""
        def differentiate(loss):
            loss.backward()

        def update(opt):
            opt.step()
    """)
    assert changes(text, clear(text)) == "+    opt.zero_grad()"
    assert "opt.step()\n    opt.zero_grad()" in patch(text, clear(text)).files["train.py"]


def test_the_only_optimizer_is_taken_where_its_line_is_not_known():
    text = code("""
        loss.backward()
        opt.step()
        scheduler.step()
    """)
    edit = ClearGradients(where(text, "backward"), None)
    assert changes(text, edit) == "+opt.zero_grad()"


def test_updates_by_hand_are_cleared_one_by_one():
    text = code("""
        for step in range(100):
            loss.backward()
            with torch.no_grad():
                W1 -= lr * W1.grad
                b1.data.sub_(lr * b1.grad.data)
            print(loss.item())
    """)
    assert changes(text, clear(text, step="W1 -=")) == (
        "+        W1.grad = None\n+        b1.grad = None"
    )


def test_updates_in_a_loop_over_the_parameters_are_cleared_there():
    text = code("""
        for step in range(100):
            loss.backward()
            for p in model.parameters():
                p.data -= lr * p.grad.data
    """)
    assert changes(text, clear(text, step="p.data")) == "+        p.grad = None"


def test_updates_on_one_line_are_cleared_on_that_line():
    text = code("""
        loss.backward()
        with torch.no_grad():
            for p in params: p.add_(p.grad, alpha=-lr)""")
    assert changes(text, clear(text, step="p.add_")) == (
        "-    for p in params: p.add_(p.grad, alpha=-lr)\n"
        "+    for p in params: p.add_(p.grad, alpha=-lr); p.grad = None"
    )


def test_nothing_to_clear_is_refused():
    text = "loss.backward()\nupdate(w)\n"
    with pytest.raises(Unpatchable, match="no optimizer"):
        changes(text, clear(text, step="update"))


def move(text, clear="zero", backward="backward("):
    return MoveClear(where(text, clear), where(text, backward))


def after(text, edit):
    return patch(text, edit).files["train.py"]


def test_the_clearing_goes_in_front_of_backward():
    text = code("""
        for epoch in range(10):
            loss = criterion(net(X), y)
            loss.backward()
            optimizer.zero_grad()  # as in the tutorial
            optimizer.step()
    """)
    assert after(text, move(text)) == code("""
        for epoch in range(10):
            loss = criterion(net(X), y)
            optimizer.zero_grad()  # as in the tutorial
            loss.backward()
            optimizer.step()
    """)
    assert changes(text, move(text)).count("\n") == 1


def test_a_comment_about_clearing_goes_along():
    text = code("""
        loss.backward()
        # clear the gradients
        optimizer.zero_grad()
        # update
        optimizer.step()
    """)
    assert after(text, move(text, "zero_grad")) == code("""
        # clear the gradients
        optimizer.zero_grad()
        loss.backward()
        # update
        optimizer.step()
    """)


def test_a_clearing_on_a_line_with_others_goes_alone():
    text = "loss.backward(); opt.zero_grad(); opt.step()\n"
    assert after(text, move(text)) == "opt.zero_grad(); loss.backward(); opt.step()\n"


def test_a_clearing_at_the_end_of_a_shared_line_takes_its_semicolon_along():
    text = "def f(x):\n    loss.backward(); x.zero_grad()\n    x.step()\n"
    assert after(text, move(text)) == (
        "def f(x):\n    x.zero_grad(); loss.backward()\n    x.step()\n"
    )


def test_a_whole_loop_that_clears_goes_as_one():
    text = code("""
        loss.backward()
        with torch.no_grad():
            for p in params:
                if p.grad is not None:
                    p.grad.zero_()
        update(params)
    """)
    assert after(text, move(text, "zero_")) == code("""
        with torch.no_grad():
            for p in params:
                if p.grad is not None:
                    p.grad.zero_()
        loss.backward()
        update(params)
    """)


def test_clearing_in_place_becomes_clearing_for_good():
    text = "for i in range(5):\n\tloss.backward()\n\tw.grad.zero_()\n\tw.data -= w.grad\n"
    assert after(text, move(text, "zero_")) == (
        "for i in range(5):\n\tw.grad = None\n\tloss.backward()\n\tw.data -= w.grad\n"
    )


def test_a_clearing_inside_the_loop_of_updates_gets_a_loop_of_its_own():
    text = code("""
        loss.backward()
        for p in net.parameters():
            p.grad.zero_()
            p.data -= 0.1 * p.grad
    """)
    assert after(text, move(text, "zero_")) == code("""
        for p in net.parameters():
            p.grad = None
        loss.backward()
        for p in net.parameters():
            p.data -= 0.1 * p.grad
    """)


def test_windows_line_ends_stay():
    text = "loss.backward()\r\nopt.zero_grad()\r\nopt.step()\r\n"
    assert after(text, move(text)) == "opt.zero_grad()\r\nloss.backward()\r\nopt.step()\r\n"


def test_a_clearing_in_another_function_is_refused():
    text = "def a():\n    opt.zero_grad()\n\ndef b():\n    loss.backward()\n"
    with pytest.raises(Unpatchable, match="not in the function"):
        after(text, move(text))


def test_updates_by_hand_are_found_from_the_line_of_backward_alone():
    text = code("""
        for it in range(4000):
            loss.backward()
            with torch.no_grad():
                for p in params:
                    p -= lr * p.grad
            print(it)
    """)
    assert changes(text, clear(text, step="backward")) == "+            p.grad = None"


def test_a_clearing_that_is_only_named_gets_its_parentheses():
    text = code("""
        for epoch in range(10):
            opt.zero_grad  # clear
            loss.backward()
            opt.step()
    """)
    assert changes(text, clear(text)) == (
        "-    opt.zero_grad  # clear\n+    opt.zero_grad()  # clear"
    )


def test_a_networks_clearing_behind_the_step_gets_its_parentheses():
    text = code("""
        def update(self):
            loss.backward(); self.opt.step()
            self.net.zero_grad
    """)
    assert changes(text, clear(text)) == "-    self.net.zero_grad\n+    self.net.zero_grad()"


@pytest.mark.parametrize(
    "text",
    [
        "for i in n:\n    loss.backward()\n    opt.zero_grad\n    opt.step()\n",
        "for i in n:\n    other.zero_grad\n    loss.backward()\n    opt.step()\nother.step()\n",
        "opt.zero_grad\nfor i in n:\n    loss.backward()\n    opt.step()\n",
        "for i in n:\n    if i > 5:\n        opt.zero_grad\n    loss.backward()\n    opt.step()\n",
    ],
)
def test_a_clearing_that_is_named_in_the_wrong_place_stays_as_it_is(text):
    assert changes(text, clear(text, step="  opt.step")) == "+    opt.zero_grad()"


def test_an_optimizer_that_never_steps_is_known_by_the_line_that_builds_it():
    text = code("""
        opt = SGD(net.parameters(), lr=0.1)
        for _ in range(9):
            loss(net(x), y).backward()
    """)
    edit = ClearGradients(where(text, "backward"), None, where(text, "SGD"))
    assert changes(text, edit) == "+    opt.zero_grad()"
