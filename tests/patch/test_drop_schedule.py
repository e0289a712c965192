"""Taking a schedule of the learning rate out of a script."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import DropSchedule
from unstuck.patch import Unpatchable


def drop(text, built="optim.", step="opt.step()"):
    return DropSchedule(where(text, built), where(text, step))


def test_its_step_goes_and_so_does_its_making():
    text = code("""
        opt = optim.SGD(net.parameters(), lr=0.1)
        schedule = StepLR(opt, 10)
        for epoch in range(100):
            opt.step()
            schedule.step()
    """)
    assert changes(text, drop(text)) == "-schedule = StepLR(opt, 10)\n-    schedule.step()"


def test_what_is_shown_elsewhere_is_still_made():
    text = code("""
        def main():
            opt = optim.SGD(net.parameters(), lr=0.1)
            sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.9)
            for epoch in range(100):
                opt.step()
                sched.step()
                print(sched.get_last_lr())
    """)
    assert changes(text, drop(text)) == "-        sched.step()"


def test_a_condition_that_guards_nothing_else_goes_too():
    text = code("""
        opt = optim.SGD(net.parameters(), lr=0.1)
        sched = lr_scheduler.ReduceLROnPlateau(opt, patience=0)
        for epoch in range(100):
            opt.step()
            if epoch > 5:
                sched.step(loss)
            print(epoch)
    """)
    assert changes(text, drop(text)) == (
        "-sched = lr_scheduler.ReduceLROnPlateau(opt, patience=0)\n"
        "-    if epoch > 5:\n"
        "-        sched.step(loss)"
    )


def test_a_schedule_of_a_trainer_is_found_by_its_attribute():
    text = code("""
        class Trainer:
            def __init__(self, net):
                self.opt = optim.SGD(net.parameters(), lr=0.1)
                self.sched = ExponentialLR(self.opt, 0.5)

            def fit(self):
                for epoch in range(100):
                    self.opt.step()
                    self.sched.step()
    """)
    assert "-            self.sched.step()" in changes(text, drop(text))


def test_rates_that_are_set_by_hand_are_left_as_they_are():
    text = code("""
        opt = optim.SGD(net.parameters(), lr=0.1)
        for epoch in range(100):
            opt.step()
            for group in opt.param_groups:
                group["lr"] *= 0.9
    """)
    assert changes(text, drop(text)) == (
        '-    for group in opt.param_groups:\n-        group["lr"] *= 0.9'
    )


def test_the_last_statement_of_a_loop_leaves_a_pass():
    text = code("""
        opt = optim.SGD(net.parameters(), lr=0.1)
        sched = ExponentialLR(opt, 0.5)
        def after():
            sched.step()
        for epoch in range(100):
            opt.step()
            after()
    """)
    assert changes(text, drop(text)) == (
        "-sched = ExponentialLR(opt, 0.5)\n-    sched.step()\n+    pass"
    )


def test_without_a_schedule_in_sight_nothing_is_written():
    text = code("""
        opt = optim.SGD(net.parameters(), lr=0.1)
        for epoch in range(100):
            opt.step()
            adjust(opt, epoch)
    """)
    with pytest.raises(Unpatchable, match="what changes the learning rate"):
        patch(text, drop(text))
