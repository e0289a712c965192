"""The scripts of the population: drawn the same way each time, and different where a fault is planted."""

from __future__ import annotations

import ast
import dataclasses
import random

import pytest
from tests.population.control import repairs

from unstuck.casebook.planted import tasks
from unstuck.casebook.planted.faults import FAULTS, Fault, Planted, sown, with_faults
from unstuck.casebook.planted.script import Script

SCRIPTS = [tasks.drawn(random.Random(number)) for number in range(150)]


def planted_in(fault: Fault) -> list[tuple[Script, Script]]:
    """Some drawn scripts in which the fault can be, healthy and sick."""
    pairs = []
    for number, script in enumerate(SCRIPTS):
        fields = fault.plant(script, random.Random(number))
        if fields:
            planted = Planted(fault.key, fault.names, fields)
            pairs.append((script, with_faults(script, [planted])))
    return pairs[:: max(1, len(pairs) // 10)]


def sown_in(number: int) -> tuple[Planted, ...]:
    return sown(SCRIPTS[number], 3, random.Random(f"faults {number}"))


def test_the_same_seed_draws_the_same_script_and_faults() -> None:
    assert tasks.drawn(random.Random(7)).text == tasks.drawn(random.Random(7)).text
    assert sown_in(7) == sown_in(7)


def test_other_seeds_draw_other_scripts() -> None:
    assert len({script.text for script in SCRIPTS}) > 140


def test_every_style_task_and_loss_is_drawn() -> None:
    assert {s.style for s in SCRIPTS} == {"sequential", "class", "list", "functional"}
    assert {s.loss for s in SCRIPTS} == {"mse", "squares", "logits", "bce", "ce", "nll"}
    assert len({s.data[-1].partition("=")[2][:12] for s in SCRIPTS}) > 12


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.key)
def test_a_planted_script_is_python_and_another_text(fault: Fault) -> None:
    pairs = planted_in(fault)
    assert pairs
    for healthy, sick in pairs:
        ast.parse(sick.text)
        assert sick.text != healthy.text


def test_a_script_in_which_every_fault_is_mended_is_the_healthy_one() -> None:
    for number, healthy in enumerate(SCRIPTS):
        planted = sown_in(number)
        sick = with_faults(healthy, planted)
        for fault in planted:
            own = {field: getattr(healthy, field) for field in fault.fields}
            sick = dataclasses.replace(sick, **own)
        assert sick.text == healthy.text


def test_faults_of_one_script_change_different_fields() -> None:
    for number in range(len(SCRIPTS)):
        fields = [field for fault in sown_in(number) for field in fault.fields]
        assert len(fields) == len(set(fields))


def test_every_fault_of_a_script_shows_in_its_text() -> None:
    for number, healthy in enumerate(SCRIPTS):
        planted = sown_in(number)
        for fault in planted:
            rest = [other for other in planted if other is not fault]
            assert with_faults(healthy, rest).text != with_faults(healthy, planted).text


def test_all_faults_are_planted_somewhere() -> None:
    keys = {fault.key for number in range(len(SCRIPTS)) for fault in sown_in(number)}
    assert keys == {fault.key for fault in FAULTS}


def test_every_repair_that_a_random_change_may_be_alters_the_text() -> None:
    for number, healthy in enumerate(SCRIPTS[:40]):
        script = with_faults(healthy, sown_in(number))
        for fields in repairs(script).values():
            assert dataclasses.replace(script, **fields).text != script.text  # type: ignore[arg-type]


def test_for_every_planted_fault_there_is_a_repair_in_the_pool_of_the_control() -> None:
    for number, healthy in enumerate(SCRIPTS[:60]):
        planted = sown_in(number)
        pool = repairs(with_faults(healthy, planted)).values()
        fields = {field for repair in pool for field in repair}
        for fault in planted:
            assert fields & set(fault.fields), fault.key
