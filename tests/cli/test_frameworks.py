"""The table rules × frameworks is computed from what adapters declare."""

import dataclasses
from pathlib import Path

from unstuck.cli.frameworks import cells, frameworks, remedies
from unstuck.core.edits import ScaleInputs, SetArgument
from unstuck.core.transform import standardised_inputs, with_rate
from unstuck.rules import rules

RULES = {rule.name: rule for rule in rules()}
PAGE = Path(__file__).parents[2] / "docs" / "guides" / "frameworks.md"


def test_what_a_rule_may_ask_for_is_read_off_its_code():
    assert {ScaleInputs, standardised_inputs} <= set(remedies(RULES["inputs-unscaled"]))
    assert {SetArgument, with_rate} <= set(remedies(RULES["lr-too-small"]))
    assert not set(remedies(RULES["noise-floor"]))


def test_every_fault_has_a_patch_in_torch():
    faults = [rule for rule in rules() if not rule.answer]
    assert {rule.name for rule in faults if cells(rule)["torch"] != "patch"} == set()


def test_a_rule_that_needs_what_is_not_recorded_is_unseen():
    rule = dataclasses.replace(RULES["too-few-steps"], needs=("stale_gradient",))
    assert cells(rule)["sklearn"] == "unseen" and cells(rule)["torch"] == "patch"


def test_what_no_argument_does_is_proved_and_not_written():
    assert cells(RULES["dropout-too-strong"])["sklearn"] == "proof"


def test_what_is_declared_unseen_is_a_rule_or_a_quantity():
    from unstuck.core.quantities import QUANTITIES

    for one in frameworks():
        assert one.unseen <= {*RULES, *QUANTITIES}


def test_the_edits_that_can_be_written_are_those_that_have_a_writer():
    from unstuck.core.edits import words
    from unstuck.patch import kinds
    from unstuck.patch.keras import kinds as keras

    assert set(keras.WRITERS) == words.KERAS
    assert set(kinds.WRITERS) == words.TORCH


def test_the_page_has_the_table_that_the_command_prints(here):
    assert here("rules", "--format", "markdown").out in PAGE.read_text(encoding="utf-8")
