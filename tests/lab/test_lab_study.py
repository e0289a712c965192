"""A study file says what is asked; what is wrong in it is said in one sentence, with its line."""

import pytest

from lab.grids import SMALL, study
from unstuck.lab import bench
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.plan import How, cells


def wrong(old: str, new: str, written: str = SMALL) -> str:
    assert old in written
    with pytest.raises(Mistaken) as raised:
        study(written.replace(old, new)).cells()
    return str(raised.value)


SAID = {
    "an unknown table": ("[budget]", "[bugdet]", "line 13: there is no key 'bugdet'; did you mean budget?"),
    "an unknown key": ("steps = 60", "step = 60", "line 7: there is no key 'step' in [training]; did you mean steps?"),
    "an unknown axis": ("optimizer.rate", "optimizer.rat", "line 10: there is no setting 'optimizer.rat' to vary"),
    "an empty axis": ("[0.1, 1.0]", "[]", "line 10: the axis optimizer.rate has no values: the grid would be empty"),
    "a value twice": ("[0.1, 1.0]", "[0.1, 0.1]", "line 10: the axis optimizer.rate has a value twice"),
    "a rate below zero": ("[0.1, 1.0]", "[0.1, -1.0]", "line 10: optimizer.rate cannot be -1.0: it is a number above 0"),
    "a range that holds nothing": ("[0.1, 1.0]", "{from = 1, to = 0.1, count = 3}", "line 10: the range of optimizer.rate goes from 1 to 0.1: it holds nothing"),
    "a logarithm of zero": ("[0.1, 1.0]", "{from = 0, to = 1, count = 3, log = true}", "line 10: a logarithmic range begins above 0"),
    "a range without count": ("[0.1, 1.0]", "{from = 0.1, to = 1}", "line 10: a range in a grid needs count"),
    "no steps": ("steps = 60", "steps = 0", "line 7: training.steps cannot be 0: it is a whole number of at least 1"),
    "an unknown word": ('"bce"', '"hinge"', 'line 6: training.loss cannot be "hinge": it is one of bce, bce_logits, mse'),
    "an unknown task": ('"xnor"', '"xor"', "line 2: there is no task 'xor'"),
    "no success": ("loss = 0.05", "", "line 11: [success] has a loss (loss = 0.05) or a rung"),
    "shares without a sigmoid": ('output = "sigmoid"', 'output = "none"', 'line 6: bce needs output = "sigmoid"'),
    "a budget of nothing": ("seeds = 60", "seeds = 0", "line 14: seeds cannot be 0"),
    "no TOML": ("seeds = 60", "seeds = ", "small.toml is no TOML: invalid value (at line 14"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_a_mistake_is_said_with_its_line(name: str) -> None:
    old, new, said = SAID[name]
    assert said in wrong(old, new)
    assert "\n" not in wrong(old, new)


def test_a_grid_has_every_combination() -> None:
    points = [(c["network.widths"], c["optimizer.rate"]) for c in study().cells()]
    assert points == [([2, 2], 0.1), ([2, 2], 1.0), ([4, 4], 0.1), ([4, 4], 1.0)]


def test_a_range_is_walked_in_round_numbers() -> None:
    text = SMALL.replace("[0.1, 1.0]", "{from = 0.001, to = 1, count = 4, log = true}")
    rates = {c["optimizer.rate"] for c in study(text).cells()}
    assert rates == {0.001, 0.01, 0.1, 1.0}


def test_a_table_sets_several_settings_together() -> None:
    old = "optimizer.rate = [0.1, 1.0]"
    new = 'optimizer = [{kind = "sgd", rate = 1.0}, {kind = "adam", rate = 0.1}]'
    found = study(SMALL.replace(old, new)).cells()
    pairs = {(c["optimizer.kind"], c["optimizer.rate"]) for c in found}
    assert pairs == {("sgd", 1.0), ("adam", 0.1)}


def test_width_and_depth_are_axes_of_their_own() -> None:
    text = SMALL.replace(
        "network.widths = [[2, 2], [4, 4]]", "network.width = [3]\nnetwork.depth = [1, 3]"
    )
    sizes = [one.setup.size for one in cells(study(text), How())]
    assert sizes == [19, 19, 43, 43]


def test_a_random_search_draws_the_same_cells_again() -> None:
    text = SMALL.replace("[0.1, 1.0]", "{from = 0.01, to = 1, log = true}")
    text += '[search]\nkind = "random"\ncells = 7\n'
    first, second = study(text).cells(), study(text).cells()
    assert first == second
    assert len({c["optimizer.rate"] for c in first}) == 7


def test_a_csv_is_a_task(tmp_path) -> None:
    (tmp_path / "rows.csv").write_text("a,b,label\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    text = SMALL.replace('"xnor"', '{csv = "rows.csv", target = "label"}')
    found = cells(study(text, tmp_path), How())
    assert found[0].setup.data.count == 4
    assert study(text, tmp_path).fixed["task.target"] == "label"


def test_a_csv_with_words_says_where_they_stand(tmp_path) -> None:
    (tmp_path / "rows.csv").write_text("a,label\n0,0\nhigh,1\n")
    text = SMALL.replace('"xnor"', '{csv = "rows.csv", target = "label"}')
    with pytest.raises(Mistaken, match=r"rows.csv, line 3: could not convert"):
        cells(study(text, tmp_path), How())


def test_a_function_is_a_task(tmp_path, monkeypatch) -> None:
    (tmp_path / "my_lab_task.py").write_text(
        "import numpy as np\ndef rows(n=5):\n    x = np.arange(n)\n    return x, x % 2\n"
    )
    monkeypatch.chdir(tmp_path)
    text = (
        SMALL.replace('"xnor"', '"my_lab_task:rows"')
        .replace("optimizer.rate", "task.n")
        .replace("[0.1, 1.0]", "[6, 8]")
    )
    assert [one.setup.data.count for one in cells(study(text), How())] == [6, 8, 6, 8]


def test_success_may_be_a_rung_of_the_ladder() -> None:
    text = SMALL.replace("loss = 0.05", 'rung = "constant"')
    assert cells(study(text), How())[0].goal == pytest.approx(0.6931, abs=1e-4)


def test_cells_have_the_same_key_whatever_else_a_study_holds() -> None:
    alone = SMALL.replace("[[2, 2], [4, 4]]", "[[4, 4]]")
    keys = [one.key for one in cells(study(), How())]
    assert [one.key for one in cells(study(alone), How())] == keys[2:]
    assert len(set(keys)) == 4
    assert cells(study(), How(seed=1))[0].key != keys[0]


@pytest.mark.parametrize("name", sorted(bench.come_with()))
def test_a_study_that_comes_along_can_be_read(name: str) -> None:
    found = bench.study(name)
    assert found.title and found.about
    assert len(found.cells()) >= 4
    assert cells(found, How())[0].setup.size > 0
