"""What is held to be true of a planted script, and how a report is marked by it."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import pytest
from tests.population import judged
from tests.population.__main__ import kept
from tests.population.table import table

from unstuck.casebook.planted import tasks, truth
from unstuck.casebook.planted.faults import Planted
from unstuck.casebook.planted.trained import Broken, Runs, reseeded
from unstuck.casebook.planted.truth import Case

HEALTHY = dataclasses.replace(tasks.drawn(random.Random(1)), clears="first", steps=True)
CLEAR = Planted("missing-zero-grad", ("missing-zero-grad",), {"clears": "never"})
STEP = Planted("missing-step", ("missing-step",), {"steps": False})
TINY = "import torch\nX = torch.linspace(-1, 1, 9)[:, None]\ny = X\n"


class Decided(Runs):
    """Runs whose outcome is a rule about the text."""

    def __init__(self, rule: object) -> None:
        super().__init__()
        self.rule = rule

    def removed(self, text: str, net: str, kind: str, seed: int) -> float:
        assert callable(self.rule)
        self.known[text, seed] = float(self.rule("zero_grad" in text, ".step()" in text))
        return self.known[text, seed]


def sets_where(rule: object) -> set[frozenset[str]]:
    case = truth.tried(HEALTHY, (CLEAR, STEP), 0.9, Decided(rule))
    return {frozenset(one) for one in case.sets}


def made(*sets: tuple[str, ...]) -> Case:
    return Case(HEALTHY, (CLEAR, STEP), sets, 0.9, True)


BOTH = made(("missing-zero-grad", "missing-step"))
EITHER = made(("missing-zero-grad",), ("missing-step",))


def test_two_faults_of_which_both_have_to_be_mended_are_one_set() -> None:
    both = frozenset({"missing-zero-grad", "missing-step"})
    assert sets_where(lambda clears, steps: clears and steps) == {both}


def test_two_faults_of_which_either_may_be_mended_are_two_sets() -> None:
    either = {frozenset({"missing-zero-grad"}), frozenset({"missing-step"})}
    assert sets_where(lambda clears, steps: clears or steps) == either


def test_a_fault_beside_one_that_decides_is_a_decoy() -> None:
    assert sets_where(lambda clears, steps: steps) == {frozenset({"missing-step"})}


def test_a_script_that_learns_with_its_faults_is_healthy() -> None:
    assert sets_where(lambda clears, steps: True) == {frozenset()}
    assert not made(()).sick


@pytest.mark.parametrize(
    ("case", "named", "cure", "mark"),
    [
        (BOTH, {"missing-zero-grad", "missing-step"}, "cured", "right"),
        (BOTH, {"missing-step"}, "not cured", "partly"),
        (BOTH, {"missing-step"}, "cured", "other cure"),
        (BOTH, set(), "no patch", "missed"),
        (BOTH, {"lr-too-small"}, "not cured", "wrong"),
        (BOTH, {"lr-too-small"}, "no patch", "wrong"),
        (BOTH, {"lr-too-small", "missing-step"}, "cured", "other cure"),
        (EITHER, {"missing-step"}, "cured", "right"),
        (EITHER, {"lr-too-small", "missing-step"}, "cured", "wrong"),
        (made(()), set(), "no patch", "right"),
        (made(()), {"missing-step"}, "cured", "false alarm"),
    ],
)
def test_a_report_is_marked_by_what_is_true(
    case: Case, named: set[str], cure: str, mark: str
) -> None:
    kinds = judged.sorted_causes(case, named, cure)
    assert judged.mark(case, named, kinds, cure) == mark
    assert sorted(name for names in kinds.values() for name in names) == sorted(named)


def test_a_set_that_fits_best_is_what_recall_is_counted_in() -> None:
    assert judged.hits(BOTH, {"missing-step"}) == (1, 2)
    assert judged.hits(EITHER, {"missing-step"}) == (1, 1)
    assert judged.hits(EITHER, set()) == (0, 1)


def test_a_prediction_that_is_the_target_removes_the_whole_loss_and_the_mean_none() -> None:
    runs = Runs()
    assert runs.removed(TINY + "net = lambda x: x", "net", "regression", 0) == 1
    assert runs.removed(TINY + "net = lambda x: 0 * x", "net", "regression", 0) == 0


def test_what_was_removed_does_not_change_with_the_scale_and_the_shape_of_the_targets() -> None:
    runs = Runs()
    plain = runs.removed(TINY + "net = lambda x: 0.5 * x", "net", "regression", 0)
    scaled = TINY + "y = (70 + 9 * y).squeeze(1)\nnet = lambda x: 70 + 4.5 * x"
    assert runs.removed(scaled, "net", "regression", 0) == pytest.approx(plain, rel=1e-5)


def test_a_patched_script_may_predict_standardised_targets() -> None:
    text = TINY + "y = 70 + 9 * y\nnet = lambda x: x / x.std()"
    assert Runs().removed(text, "net", "regression", 0) < 0
    assert Runs(either_unit=True).removed(text, "net", "regression", 0) > 0.999


def test_a_script_that_ends_with_an_error_is_broken() -> None:
    with pytest.raises(Broken, match="ZeroDivisionError"):
        Runs().removed("1 / 0", "net", "regression", 0)


def test_the_first_seed_is_the_scripts_own() -> None:
    text = "torch.manual_seed(3)"
    assert reseeded(text, 0) == text
    assert reseeded(text, 2) == "torch.manual_seed(2003)"


def test_a_diff_is_applied_as_it_stands() -> None:
    diff = "--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n"
    assert judged.patched("a = 1\nb = 2\n", diff) == "a = 1\nb = 3\n"


def test_a_record_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text(json.dumps({"index": 0}) + "\n" + '{"index"')
    assert kept(file, True) == [{"index": 0}]
    assert file.read_text() == '{"index": 0}\n'


def test_without_being_asked_to_go_on_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text('{"index": 0}\n')
    assert kept(file, False) == []
    assert not file.exists()


def record(mark: str, causes: dict[str, list[str]], hits: tuple[int, int]) -> dict[str, object]:
    return {
        "sick": hits[1] > 0,
        "planted": ["missing-step"],
        "matter": ["missing-step"] if hits[1] else [],
        "found": ["missing-step"] if hits[0] else [],
        "mark": mark,
        "clear": True,
        "causes": causes,
        "hits": hits,
        "verdict": "stuck",
        "cure": "cured" if hits[0] else "no patch",
        "control": {"cure": [], "tries": 4, "allowed": 4} if hits[1] else None,
        "findings": [
            {"role": "cause", "confidence": 0.99, "true": kind == "true"}
            for kind, names in causes.items()
            for _ in names
        ],
    }


def test_the_table_counts_scripts_and_causes() -> None:
    shown = table(
        [
            record("right", {"true": ["missing-step"]}, (1, 1)),
            record("wrong", {"true": [], "wrong": ["lr-too-small"]}, (0, 1)),
            record("false alarm", {"true": [], "wrong": ["lr-too-small"]}, (0, 0)),
        ]
    )
    assert "recall of what matters       1/2 (50%)" in shown
    assert "precision, sick scripts      1/2 (50%)" in shown
    assert "precision, all scripts       1/3 (33%)" in shown
    assert "false alarms                 1/1 (100%)" in shown
    assert "control, as many trainings   0/2 (0%); unstuck 1/2 (50%)" in shown
    assert "wrong causes                 2 lr-too-small" in shown
