"""The clock of the proofs."""

import time

from unstuck.trial.clock import Clock


def spent(seconds):
    began = time.process_time()
    while time.process_time() - began < seconds:
        pass


def test_it_is_over_when_the_cap_has_passed():
    clock = Clock(0.01)
    assert not clock.over
    spent(0.02)
    assert clock.over


def test_a_cure_that_was_found_in_time_is_granted_as_much_again_once():
    clock = Clock(0.1)
    spent(0.15)
    clock.grant()
    assert not clock.over
    spent(0.1)
    clock.grant()
    assert clock.over
