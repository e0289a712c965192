"""`unstuck.lab.sweep`: a grid from Python, of a study or of a recorded training."""

import dataclasses
import importlib.util

import numpy as np
import pytest

import unstuck
from trial.setups import perceptron
from unstuck.lab import Mistaken, sweep

XNOR = {
    "task": "xnor",
    "network": {"output": "sigmoid", "widths": [4, 4]},
    "training": {"loss": "bce", "steps": 200},
    "success": {"loss": 0.2},
}


@pytest.fixture(scope="module")
def found():
    return sweep(XNOR, over={"optimizer.rate": [0.01, 0.5]}, seeds=40)


def test_a_sweep_says_how_many_learn(found) -> None:
    (slow,), (fast,) = found.success(rate=0.01), found.success(rate=0.5)
    assert (slow.of, fast.of) == (40, 40)
    assert slow.share == 0.0 and fast.share > 0.4
    assert fast.low < fast.share < fast.high
    assert "0.5" in str(found)


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="pandas is not installed")
def test_the_table_has_a_row_for_each_cell(found) -> None:
    table = found.table
    assert list(table["optimizer.rate"]) == [0.01, 0.5]
    assert list(table["of"]) == [40, 40]
    assert {"median_loss", "median_steps"} <= set(table)
    assert table["share"].tolist() == [one.share for one in found.success()]


def test_the_plot_shows_itself_and_is_saved(found, tmp_path) -> None:
    shown = found.plot()._repr_html_()
    assert shown.count("<svg") == 2 and "var(--" not in shown
    found.plot().save(tmp_path / "sweep.html")
    assert "<svg" in (tmp_path / "sweep.html").read_text()


def test_a_recorded_training_is_swept_by_name() -> None:
    setup = perceptron((3, 8, 1), steps=30, loss="mse_loss")
    over = {"rate": [0.01, 0.3], "optimizer": ["sgd", "adam"], "inputs": ["raw", "standardised"]}
    made = sweep(setup, over=over, seeds=16, goal=0.05)
    assert len(made.success()) == 8
    assert {tuple(dict(one.settings)) for one in made.success()} == {
        ("rate", "optimizer", "inputs")
    }
    assert (
        made.success(rate=0.3, optimizer="adam")[0].loss
        < made.success(rate=0.01, optimizer="sgd")[0].loss
    )


def test_whatever_has_no_name_is_a_function() -> None:
    setup = perceptron((3, 8, 1), steps=10)

    def shorter(given):
        return dataclasses.replace(given, plan=dataclasses.replace(given.plan, steps=1))

    made = sweep(
        setup, over={"length": {"as it is": lambda s: s, "one step": shorter}}, seeds=8, goal=0.5
    )
    first, second = made.success()
    assert first.value("length") == "as it is"
    assert first.loss < second.loss


def test_cells_of_a_sweep_start_from_the_same_weights() -> None:
    setup = perceptron((3, 8, 1), steps=1)
    made = sweep(setup, over={"rate": [1e-12, 1e-11]}, seeds=8, goal=0.5)
    assert np.isclose(made.success()[0].loss, made.success()[1].loss, rtol=1e-6)


def test_a_store_is_not_trained_into_twice(tmp_path) -> None:
    given = {"over": {"optimizer.rate": [0.1]}, "seeds": 10, "store": str(tmp_path / "lab.sqlite")}
    first, second = sweep(XNOR, **given), sweep(XNOR, **given)
    assert first.found.seconds == second.found.seconds > 0


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({}, "over has no settings"),
        ({"rates": [1]}, "'rates' cannot be varied; there is optimizer, rate"),
        ({"rate": []}, "rate has no values"),
        ({"wider": [2]}, "wider = 2 cannot be tried"),
    ],
)
def test_what_cannot_be_swept_is_said(over, said) -> None:
    with pytest.raises(Mistaken, match=said):
        sweep(perceptron((3, 1), steps=1), over=over, seeds=2, goal=0.5)


def test_the_lab_is_part_of_unstuck() -> None:
    assert unstuck.lab.sweep is sweep


def test_a_setting_keeps_its_column_whatever_it_is_called() -> None:
    from unstuck.lab.export import by_cell

    made = sweep(perceptron((3, 4, 1), steps=1), over={"steps": [2, 3]}, seeds=4, goal=0.5)
    assert by_cell(made.found)["steps"] == [2, 3]
