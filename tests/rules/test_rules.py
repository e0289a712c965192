"""What holds for every rule, on evidence made by hand."""

import dataclasses
import math
import re

import pytest
from evidence import SICK, healthy

from unstuck.core.change import Kind, Safety
from unstuck.core.finding import Finding, NotRun
from unstuck.core.recording import Recording
from unstuck.core.rule import Rule
from unstuck.core.setup import Setup
from unstuck.rules import UnknownRule, rule, rules
from unstuck.rules.example import HEADINGS, example, sections

FAULTS = {
    "D": "inputs-unscaled inputs-tiny targets-unscaled targets-heavy-tailed labels-misaligned"
    " noise-floor class-imbalance dtype-truncation data-degenerate hard-target",
    "N": "linear-network missing-output-match dying-relu saturated-units vanishing-gradients"
    " symmetric-init bad-init-scale too-little-capacity params-not-registered frozen-params"
    " graph-detached dropout-too-strong batchnorm-misuse train-eval-mode eval-mode-left-on unlucky-init spectral-bias",
    "L": "loss-broadcast loss-mismatch softmax-before-ce sigmoid-before-bcewithlogits"
    " sigmoid-bce-saturation nan-loss wrong-axis",
    "O": "missing-zero-grad zero-grad-misplaced missing-step optimizer-recreated"
    " optimizer-wrong-params lr-too-small lr-too-large schedule-kills-lr too-few-steps"
    " weight-decay-too-strong clip-too-tight discarded-result early-stopping-too-soon"
    " batch-size-unfit",
    "E": "metric-bug extrapolation",
}
FOLDERS = {
    "D": "data",
    "N": "network",
    "L": "loss",
    "O": "optimization",
    "E": "evaluation",
}

BY_NAME = {one.name: one for one in rules()}
every_rule = pytest.mark.parametrize("rule", rules(), ids=lambda one: one.name)
every_need = pytest.mark.parametrize(
    ("rule", "need"),
    [pytest.param(one, need, id=f"{one.name}-{need}") for one in rules() for need in one.needs],
)


def findings(rule: Rule, recording: Recording) -> list[Finding]:
    found = rule.judge(recording)
    assert not isinstance(found, NotRun), found.because
    return found


def only(rule: Rule, recording: Recording) -> Recording:
    """The recording with nothing but what the rule declares."""
    tables = {name: one for name, one in recording.tables.items() if name in rule.needs}
    setup = recording.setup if "setup" in rule.needs else None
    return dataclasses.replace(recording, tables=tables, setup=setup)


def test_the_first_fourteen_faults_have_a_rule() -> None:
    assert len(rules()) >= 14
    assert set(SICK) == set(BY_NAME)


def test_answers_are_about_the_data_or_the_measuring() -> None:
    data = {"noise-floor", "labels-misaligned", "hard-target", "extrapolation"}
    measuring = {"metric-bug", "train-eval-mode", "eval-mode-left-on"}
    assert {one.name for one in rules() if one.answer} == data | measuring


@every_rule
def test_it_finds_its_fault_in_sick_evidence(rule: Rule) -> None:
    [found] = findings(rule, SICK[rule.name]())
    assert (found.code, found.name, found.role) == (rule.code, rule.name, "suspect")


@every_rule
def test_it_is_silent_on_a_healthy_run(rule: Rule) -> None:
    assert findings(rule, healthy()) == []


@every_need
def test_it_abstains_without_what_it_needs(rule: Rule, need: str) -> None:
    sick = SICK[rule.name]()
    tables = {name: one for name, one in sick.tables.items() if name != need}
    setup = None if need == "setup" else sick.setup
    lacking = dataclasses.replace(sick, tables=tables, setup=setup, gaps={need: "it rained"})
    assert rule.judge(lacking) == NotRun("rule", rule.name, "it rained")


@every_rule
def test_it_reads_only_what_it_declares(rule: Rule) -> None:
    sick = SICK[rule.name]()
    [full], [bare] = findings(rule, sick), findings(rule, only(rule, sick))
    for field in ("message", "evidence", "where", "severity", "confidence", "explained_by"):
        assert repr(getattr(bare, field)) == repr(getattr(full, field))  # NaN is itself in text
    assert [one.edits for one in bare.remedies] == [one.edits for one in full.remedies]


@pytest.mark.parametrize(
    "rule", [one for one in rules() if one.needs != ("setup",)], ids=lambda one: one.name
)
def test_it_is_silent_where_nothing_could_be_measured(rule: Rule) -> None:
    sick = SICK[rule.name]()
    tables = {
        name: dataclasses.replace(one, values=one.values * math.nan)
        for name, one in sick.tables.items()
    }
    assert findings(rule, dataclasses.replace(sick, tables=tables)) == []


@every_rule
def test_its_evidence_crosses_its_thresholds(rule: Rule) -> None:
    [found] = findings(rule, SICK[rule.name]())
    assert found.evidence
    for one in found.evidence:
        if math.isnan(one.measured):
            assert rule.name == "lr-too-large"
        elif one.above:
            assert one.measured >= one.threshold
        else:
            assert one.measured <= one.threshold
        assert one.quantity in rule.needs


@every_rule
def test_its_message_names_a_measured_number(rule: Rule) -> None:
    [found] = findings(rule, SICK[rule.name]())
    assert re.search(r"\d", found.message) or "no longer a number" in found.message
    assert "{" not in found.message


@every_rule
def test_it_points_at_a_line_unless_it_is_about_the_data(rule: Rule) -> None:
    [found] = findings(rule, SICK[rule.name]())
    assert (found.where is None) == (found.answer and rule.code[0] == "D")


@every_rule
def test_a_fault_has_remedies_and_an_answer_has_none(rule: Rule) -> None:
    [found] = findings(rule, SICK[rule.name]())
    assert found.answer == rule.answer
    assert bool(found.remedies) != found.answer


@every_rule
def test_its_remedies_go_from_mild_to_strong_and_can_be_written(rule: Rule) -> None:
    [found] = findings(rule, SICK[rule.name]())
    assert [one.size for one in found.remedies] == list(range(len(found.remedies)))
    assert len({one.kind for one in found.remedies}) <= 1
    for one in found.remedies:
        assert one.name == rule.name
        assert one.edits
        assert one.safety is not Safety.SHOW


@every_rule
def test_its_remedies_change_the_setup_each_in_another_way(rule: Rule) -> None:
    sick = SICK[rule.name]()
    assert sick.setup is not None
    [found] = findings(rule, sick)
    changed = [one.setup(sick.setup) for one in found.remedies]
    assert len({_told(one) for one in [sick.setup, *changed]}) == 1 + len(changed)


@every_rule
def test_without_known_lines_its_remedies_are_shown_only(rule: Rule) -> None:
    sick = SICK[rule.name]()
    assert sick.setup is not None
    ops = tuple(dataclasses.replace(op, line=0) for op in sick.setup.program.ops)
    program = dataclasses.replace(sick.setup.program, ops=ops)
    bare = [dataclasses.replace(p, made=None, filled=(), froze=()) for p in sick.setup.parameters]
    setup = dataclasses.replace(sick.setup, program=program, parameters=tuple(bare))
    [found] = findings(rule, dataclasses.replace(sick, lines={}, sites=(), setup=setup))
    assert found.where is None or found.answer  # an answer is found on a line, or on none
    for one in found.remedies:
        assert (one.edits, one.safety) == ((), Safety.SHOW)


def _told(setup: Setup) -> str:
    """What tells two setups apart, as text."""
    rows = [float(array.mean()) for array in setup.data.rows.values()]
    sizes = [(one.start.shape, one.draws, one.group, one.frozen) for one in setup.parameters]
    return repr((setup.plan, setup.optimizer, setup.loop, setup.start, setup.program, rows, sizes))


def test_codes_are_unique_and_of_their_family() -> None:
    codes = [one.code for one in rules()]
    assert len(set(codes)) == len(codes)
    assert codes == sorted(codes)
    for one in rules():
        assert re.fullmatch(r"[DNLOE]\d{3}", one.code)
        module = one.check.__module__
        assert module == f"unstuck.rules.{FOLDERS[one.code[0]]}.{one.name.replace('-', '_')}"


def test_names_are_those_of_the_interface_and_of_their_family() -> None:
    assert len(BY_NAME) == len(rules())
    for one in rules():
        assert one.name in FAULTS[one.code[0]].split()


def test_kinds_of_remedies_put_bugs_before_data_before_settings_before_architecture() -> None:
    kinds = {
        name: findings(BY_NAME[name], sick())[0].remedies[0].kind
        for name, sick in SICK.items()
        if not BY_NAME[name].answer
    }
    bugs = {"missing-zero-grad", "zero-grad-misplaced", "loss-broadcast", "linear-network"}
    bugs |= {"softmax-before-ce", "sigmoid-before-bcewithlogits", "loss-mismatch", "wrong-axis"}
    bugs |= {"missing-output-match", "symmetric-init", "params-not-registered"}
    bugs |= {"optimizer-recreated", "missing-step", "optimizer-wrong-params"}
    bugs |= {"nan-loss", "frozen-params", "graph-detached"}
    bugs |= {"dtype-truncation", "early-stopping-too-soon", "data-degenerate"}
    assert {name for name, kind in kinds.items() if kind is Kind.BUG} == bugs
    data = {"inputs-unscaled", "inputs-tiny", "targets-unscaled", "targets-heavy-tailed"}
    assert {name for name, kind in kinds.items() if kind is Kind.DATA} == data
    settings = {"lr-too-small", "lr-too-large", "too-few-steps", "unlucky-init"}
    settings |= {"sigmoid-bce-saturation", "bad-init-scale"}
    settings |= {"sigmoid-bce-saturation", "weight-decay-too-strong", "schedule-kills-lr"}
    settings |= {"clip-too-tight", "batch-size-unfit", "vanishing-gradients"}
    settings |= {"dropout-too-strong", "class-imbalance", "batchnorm-misuse"}
    assert {name for name, kind in kinds.items() if kind is Kind.SETTING} == settings


@every_rule
def test_its_page_has_the_headings_in_order(rule: Rule) -> None:
    found = sections(rule.page)
    assert tuple(found)[1:] == HEADINGS
    assert all(found.values())
    assert len(rule.summary) <= 110
    assert rule.summary == found[""]


@every_rule
def test_its_example_is_two_scripts_that_compile_and_differ(rule: Rule) -> None:
    shown = example(rule.page)
    assert shown.sick != shown.healthy
    for text in (shown.sick, shown.healthy):
        compile(text, rule.name, "exec")
        assert "unstuck" not in text
    assert shown.pattern.match(shown.healthy)
    assert shown.pattern.groups or not shown.pattern.match(shown.sick)


@every_rule
def test_its_file_is_as_long_as_a_rule_should_be(rule: Rule) -> None:
    with open(rule.check.__code__.co_filename, encoding="utf-8") as file:
        assert 60 <= len(file.readlines()) <= 150


@every_rule
def test_it_is_found_by_name_and_by_code_in_any_case(rule: Rule) -> None:
    assert BY_NAME[rule.name] is rule
    for key in (rule.name, rule.code, rule.code.lower(), rule.name.replace("-", "_").upper()):
        assert _found(key) is rule


def _found(key: str) -> Rule:
    return rule(key)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownRule, match=r"no rule 'lr-to-small'; did you mean lr-too-small"):
        rule("lr-to-small")
    with pytest.raises(UnknownRule, match="no rule 'xyzzy'; `unstuck rules` lists them"):
        rule("xyzzy")
