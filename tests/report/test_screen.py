"""The report as text: reviewed snapshots, and what must hold whatever it shows."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import (
    SCRIPT,
    arm,
    cause,
    diagnosis,
    healthy,
    ladder,
    note,
    nothing_seen,
    prescription,
    suspect,
    trial,
)
from syrupy.assertion import SnapshotAssertion

from unstuck.core.change import Safety
from unstuck.core.diagnosis import Diagnosis, LossSummary
from unstuck.core.finding import Evidence, NotRun
from unstuck.report.lines import Page, text_of
from unstuck.report.marks import ASCII, UNICODE
from unstuck.report.screen import screen
from unstuck.report.source import Source


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "train.py").write_text(SCRIPT)
    return Source(("train.py", "--lr", "0.1"), tmp_path)


def told(made: Diagnosis, source: Source, **page: Any) -> str:
    given = {"marks": UNICODE, **page}
    return "\n".join(text_of(row).rstrip() for row in screen(made, Page(**given), source)) + "\n"


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way to look at one diagnosis."""

    made: Diagnosis
    page: dict[str, Any] = dataclasses.field(default_factory=dict)


VERIFIED = prescription(proof="mends", seeds=5, before=0, after=5)
TWO_CAUSES = diagnosis(
    findings=(
        cause(),
        cause(
            code="O005",
            name="too-few-steps",
            message="the loss was still falling when the script ended",
            where=None,
            evidence=tuple(Evidence("progress", 0.2, 0.1, "share", f"part {n}") for n in range(6)),
        ),
    ),
    trials={
        "inputs-unscaled": trial(),
        "too-few-steps": trial(
            effect=0.5, without=arm(32, median_steps=4780.0), with_it=arm(64, median_steps=330.0)
        ),
    },
    prescription=prescription(
        names=("inputs-unscaled", "too-few-steps"),
        say=("Subtract 92.6 from the inputs and divide by 5.5", "Train for 1,000 steps"),
        patch=None,
        proof="none",
    ),
)
NOISE = cause(
    code="D006",
    name="noise-floor",
    role="suspect",
    answer=True,
    message="equal inputs have different targets; no function of them does better",
    evidence=(Evidence("ladder", 0.0935, 0.0936, "loss", "floor", above=False),),
    because="the trained network's loss is within 1 % of the floor",
    where=None,
)
WRONG_NUMBER = healthy(
    findings=(
        cause(
            code="E001",
            name="metric-bug",
            role="note",
            answer=True,
            message="the network has learned, and the number is wrong",
            evidence=(Evidence("compared", 0.0, 0.75, "found equal", "line 1", above=False),),
            because="it is shown by its evidence",
        ),
    ),
)
AT_THE_FLOOR = healthy(
    verdict="floor",
    sentence="At the floor: no function of these inputs can score less",
    findings=(NOISE,),
    ladder=ladder(
        rungs={"start": 1.25, "constant": 0.0983, "linear": 0.0941, "floor": 0.0935},
        end=0.0936,
        goal=None,
    ),
)
DIVERGED = diagnosis(
    verdict="diverged",
    sentence="Diverged: after 13 steps the loss is not a number.",
    loss=LossSummary("MSELoss", 0.9, math.nan, 13),
    ladder=ladder(end=math.nan),
    prescription=None,
    not_run=(NotRun("trial", "lr-too-large", "the budget of 60 s was spent"),),
    findings=(suspect(name="lr-too-large", because="the budget of 60 s was spent"),),
)
WIDE = diagnosis(
    ladder=ladder(
        rungs={"start": 800.0, "constant": 0.9, "linear": 1e-3, "learner": 1e-5, "floor": 0.0},
        end=0.02,
        goal=1e-4,
        why_goal="--goal",
    )
)

VARIANTS = {
    "stuck": Variant(diagnosis()),
    "stuck, ascii": Variant(diagnosis(), {"marks": ASCII}),
    "stuck, quiet": Variant(diagnosis(), {"verbosity": -1}),
    "stuck, verbose": Variant(diagnosis(), {"verbosity": 1, "crops": False}),
    "stuck, narrow": Variant(diagnosis(), {"width": 60}),
    "verified": Variant(diagnosis(prescription=VERIFIED)),
    "two causes, no patch": Variant(TWO_CAUSES),
    "two causes, no patch, verbose": Variant(TWO_CAUSES, {"verbosity": 1, "crops": False}),
    "at the floor": Variant(AT_THE_FLOOR),
    "learned": Variant(healthy()),
    "diverged": Variant(DIVERGED),
    "logarithmic": Variant(WIDE),
    "nothing seen": Variant(nothing_seen()),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_report_reads_as_reviewed(
    name: str, source: Source, snapshot: SnapshotAssertion
) -> None:
    variant = VARIANTS[name]
    assert told(variant.made, source, **variant.page) == snapshot


def test_a_terminal_of_80_columns_is_never_overrun(source: Source) -> None:
    for variant in VARIANTS.values():
        lines = told(variant.made, source).splitlines()
        assert [row for row in lines[:-1] if len(row) > 80] == []


def test_ascii_is_all_that_an_ascii_page_holds(source: Source) -> None:
    made = diagnosis(
        sentence="λ ≈ 3 — “größer”",
        findings=(cause(message="naïve → bad"), suspect(because="日本")),
    )
    text = told(made, source, marks=ASCII)
    assert text.isascii()
    assert "lambda ~ 3" in text


def test_a_sentence_without_the_verdict_gets_it(source: Source) -> None:
    text = told(diagnosis(sentence="the best line scores the same: nothing bends"), source)
    assert text.startswith("Stuck: the best line scores the same: nothing bends\n")


def test_a_reason_that_says_not_proved_does_not_say_it_twice(source: Source) -> None:
    made = diagnosis(findings=(suspect(because="not proved: no time was left"),))
    assert "Suspected, not proved: no time was left\n" in told(made, source)


def test_the_line_of_source_is_shown(source: Source) -> None:
    assert "  6 |     out = net(rates)\n" in told(diagnosis(), source)


def test_a_line_that_is_gone_is_not_shown_but_its_place_is(source: Source) -> None:
    (source.folder / "train.py").write_text("")
    text = told(diagnosis(), Source(source.target, source.folder / "nowhere" / ".."))
    assert "--> train.py:6" in text
    assert "net(rates)" not in text


def test_source_that_is_not_text_breaks_nothing(source: Source) -> None:
    (source.folder / "other.py").write_bytes(b"\xff\xfe\x00")
    made = diagnosis(findings=(cause(where=dataclasses.replace(cause().where, file="other.py")),))
    assert "--> other.py:6" in told(made, source)


def test_control_characters_of_a_script_never_reach_the_terminal(source: Source) -> None:
    (source.folder / "evil.py").write_text("\n" * 5 + "x = '\x1b[2J\x07'\n")
    made = diagnosis(
        findings=(
            cause(where=dataclasses.replace(cause().where, file="evil.py"), message="a\x1b]0;b"),
        )
    )
    text = told(made, source)
    assert "x = '?[2J?'" in text
    assert all(c.isprintable() or c == "\n" for c in text)


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (diagnosis(), "unstuck fix train.py --lr 0.1"),
        (diagnosis(prescription=None), "unstuck explain inputs-unscaled"),
        (
            diagnosis(prescription=prescription(safety=Safety.UNSAFE)),
            "unstuck fix --unsafe train.py --lr 0.1",
        ),
        (TWO_CAUSES, "unstuck explain inputs-unscaled"),
        (
            diagnosis(prescription=prescription(safety=Safety.SHOW)),
            "unstuck explain inputs-unscaled",
        ),
        (DIVERGED, "unstuck explain lr-too-large"),
        (AT_THE_FLOOR, "unstuck explain noise-floor"),
        (healthy(), "Nothing to mend."),
        (WRONG_NUMBER, "unstuck explain metric-bug"),
        (
            diagnosis(
                findings=(), prescription=None, not_run=(NotRun("trial", "x", "no time was left"),)
            ),
            "unstuck run --budget 5m train.py --lr 0.1",
        ),
    ],
)
def test_the_last_line_is_what_to_type_next(made: Diagnosis, last: str, source: Source) -> None:
    assert told(made, source).splitlines()[-1] == last


def test_an_answer_about_a_line_is_told_in_full_of_a_run_that_learned(source: Source) -> None:
    text = told(WRONG_NUMBER, source)
    assert "E001 metric-bug: the network has learned" in text and "-->" in text
    assert "Noted, no cause" not in text


def test_the_next_command_is_quoted_for_the_shell(source: Source) -> None:
    target = ("my train.py", "--name", "it's")
    last = told(diagnosis(), Source(target, source.folder)).splitlines()[-1]
    assert last == """unstuck fix 'my train.py' --name 'it'"'"'s'"""


def test_the_next_command_is_never_cut(source: Source) -> None:
    target = ("train.py", *["--a-rather-long-option"] * 10)
    last = told(diagnosis(), Source(target, source.folder)).splitlines()[-1]
    assert last == " ".join(("unstuck", "fix", *target))


def test_what_the_trial_showed_is_told_in_shares(source: Source) -> None:
    assert "learned in 0/64 starts without this change, 64/64 with it" in told(diagnosis(), source)


def test_a_change_that_only_makes_it_quicker_says_so(source: Source) -> None:
    quicker = trial(without=arm(64, median_steps=4780.0), with_it=arm(64, median_steps=330.0))
    text = told(diagnosis(trials={"inputs-unscaled": quicker}), source, crops=False)
    assert "after 4,780 steps without, 330 with it" in " ".join(text.split()).replace("= ", "")


def test_suspects_that_share_a_reason_are_listed_under_it_once(source: Source) -> None:
    made = diagnosis(
        findings=(suspect(name="a", because="no time"), suspect(name="b", because="no time"))
    )
    assert told(made, source).count("no time") == 1


def test_a_mechanism_names_what_explains_it(source: Source) -> None:
    assert "saturated-units  explained by inputs-unscaled: 96 %" in told(diagnosis(), source)


def test_gaps_that_share_a_reason_are_one_line(source: Source) -> None:
    text = told(diagnosis(), source)
    assert "  rule frozen-params, vanishing-gradients: gradients by layer" in text


def test_a_quiet_report_is_the_verdict_and_the_next_command(source: Source) -> None:
    lines = [row for row in told(diagnosis(), source, verbosity=-1).splitlines() if row]
    assert lines[0].startswith("Stuck: after 10,000")
    assert lines[-1].startswith("unstuck fix")
    assert "0.7412" not in "".join(lines)


@settings(max_examples=60, deadline=None)
@given(
    rungs=st.dictionaries(
        st.sampled_from(["start", "constant", "linear", "quadratic", "learner", "floor"]),
        st.none() | st.floats(allow_nan=True, allow_infinity=True),
    ),
    end=st.floats(allow_nan=True, allow_infinity=True),
    goal=st.none() | st.floats(allow_nan=True, allow_infinity=True),
    message=st.text(),
    because=st.text(),
)
def test_whatever_was_measured_can_be_shown(
    rungs: dict[str, float | None], end: float, goal: float | None, message: str, because: str
) -> None:
    made = diagnosis(
        ladder=ladder(rungs=rungs, end=end, goal=goal),
        findings=(cause(message=message), suspect(because=because), note(message=message)),
        sentence=because,
    )
    for marks in (UNICODE, ASCII):
        text = told(made, Source(("train.py",)), marks=marks)
        assert all(c.isprintable() or c == "\n" for c in text)
