"""What each remedy does to the training procedure, and which edit of the source goes with it."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from evidence import (
    CAST_LINE,
    CUT,
    ENDING,
    FILL_LINE,
    FREEZING,
    LINES,
    SICK,
    batched,
    bounded,
    broken,
    cast,
    cut_off,
    cut_short,
    dropping,
    filled,
    fixed,
    frozen,
    habits,
    healthy,
    holed,
    imbalanced,
    network,
    optimizer,
    repeating,
    rippled,
    seen,
    slipped,
    steps,
    unheld,
    unmet,
)

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import (
    AddStep,
    AddWaves,
    ClearGradients,
    ClipTargets,
    DrawNormal,
    DrawWeights,
    DropActivation,
    DropEnding,
    DropSchedule,
    DropSquash,
    FlipSign,
    GuardOperand,
    HoistOptimizer,
    HoldParameters,
    InsertActivation,
    KeepDefaultInit,
    KeepFractions,
    LetGradients,
    MatchShapes,
    MendRows,
    MoveClear,
    NormaliseRows,
    RegisterLayers,
    RenameCall,
    ReplaceActivation,
    Resize,
    ScaleInputs,
    ScaleTargets,
    SetArgument,
    SetBatch,
    SetDropout,
    SetSeed,
    SetSteps,
    Shuffle,
    StayInTraining,
    Unfreeze,
    UnitTargets,
    UseLogits,
    WeighClasses,
)
from unstuck.core.layers import layers
from unstuck.core.recording import Recording, Where
from unstuck.core.setup import Draw, Optimizer, Setup
from unstuck.core.transform import (
    Unchangeable,
    by_batch,
    dropped,
    severed,
    widths,
    with_batch,
)
from unstuck.replay import interpret
from unstuck.rules import rule
from unstuck.rules.rate import tidy


def remedies(name: str, recording: Recording | None = None) -> tuple[Change, ...]:
    found = rule(name).judge(recording or SICK[name]())
    assert isinstance(found, list)
    return found[0].remedies


def setup(name: str) -> Setup:
    found = SICK[name]().setup
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["missing-zero-grad", "zero-grad-misplaced"])
def test_clearing_comes_before_backward(name: str) -> None:
    [one] = remedies(name)
    assert setup(name).loop.clears != "before"
    assert one.setup(setup(name)).loop.clears == "before"
    assert one.edits == (
        ClearGradients(LINES["backward"], LINES["step"])
        if name == "missing-zero-grad"
        else MoveClear(LINES["clear"], LINES["backward"]),
    )


def test_the_optimizer_is_built_once() -> None:
    [one] = remedies("optimizer-recreated")
    assert setup("optimizer-recreated").loop.recreated
    assert not one.setup(setup("optimizer-recreated")).loop.recreated
    assert one.edits == (HoistOptimizer(LINES["optimizer"], LINES["step"]),)


def test_the_decay_is_weakened_and_at_last_given_up() -> None:
    changed = remedies("weight-decay-too-strong")
    before = setup("weight-decay-too-strong")
    for one, decay in zip(changed, [0.01, 0.001, 0.0], strict=True):
        [group] = one.setup(before).optimizer.groups
        assert math.isclose(group["weight_decay"], decay)
        assert one.edits == (
            SetArgument(LINES["optimizer"], "Adam", "weight_decay", None, decay, 0.1),
        )


def test_without_its_schedule_the_rate_is_what_the_optimizer_was_built_with() -> None:
    before = setup("schedule-kills-lr")
    groups = tuple({**group, "lr": 0.01, "initial_lr": 0.1} for group in before.optimizer.groups)
    warmed = dataclasses.replace(before.optimizer, groups=groups)
    before = dataclasses.replace(before, optimizer=warmed)
    [one] = remedies("schedule-kills-lr")
    after = one.setup(before).optimizer
    assert (after.schedule, after.rate) == ((), 0.1)
    assert one.edits == (DropSchedule(LINES["optimizer"], LINES["step"]),)


@pytest.mark.parametrize(
    ("limit", "call", "keyword"),
    [
        ("clip_norm", "clip_grad_norm_", "max_norm"),
        ("clip_value", "clip_grad_value_", "clip_value"),
    ],
)
def test_the_limit_of_clipping_is_raised(limit: str, call: str, keyword: str) -> None:
    tight = habits(network(), **{limit: 1e-3})
    sick = seen(unmet(healthy(tight)), "gradient_at_step", gradient=1e-3)
    for one, value in zip(remedies("clip-too-tight", sick), [0.01, 0.1, 1.0, 10.0], strict=True):
        assert math.isclose(getattr(one.setup(tight).loop, limit), value)
        assert one.edits == (SetArgument(LINES["clip"], call, keyword, 1, value, 1e-3),)


def test_an_update_follows_each_pass() -> None:
    [one] = remedies("missing-step")
    assert not setup("missing-step").loop.steps
    assert one.setup(setup("missing-step")).loop.steps
    assert one.edits == (AddStep(LINES["optimizer"], LINES["backward"]),)


def test_gradients_that_are_cleared_too_late_are_cleared_after_the_update() -> None:
    later = habits(setup("missing-step"), clears="later")
    [one] = remedies("missing-step", unmet(healthy(later)))
    assert one.setup(later).loop.clears == "before"
    assert one.edits == (AddStep(LINES["optimizer"], LINES["backward"], clear=True),)


def test_parameters_that_no_optimizer_holds_join_its_first_group() -> None:
    [one] = remedies("optimizer-wrong-params")
    before = setup("optimizer-wrong-params")
    assert [p.group for p in before.parameters] == [-1, -1, 0, 0]
    assert [p.group for p in one.setup(before).parameters] == [0, 0, 0, 0]
    first = Where("train.py", 10)
    names = tuple(parameter.name for parameter in before.parameters)
    optimizer, forward = LINES["optimizer"], LINES["forward"]
    assert one.edits == (HoldParameters(optimizer, forward, (first,), False, names=names),)


def test_a_network_that_is_not_held_at_all_is_told_from_a_part() -> None:
    [one] = remedies("optimizer-wrong-params", unmet(healthy(unheld(2, 3, 4, 5))))
    [edit] = one.edits
    assert isinstance(edit, HoldParameters)
    assert edit.every


def test_frozen_weights_take_gradients_and_join_a_group() -> None:
    before = frozen(2, 3, group=-1)
    [one] = remedies("frozen-params", unmet(healthy(before)))
    after = one.setup(before)
    assert not any(p.frozen for p in after.parameters)
    assert {p.group for p in after.parameters} == {0}
    held = HoldParameters(
        LINES["optimizer"], LINES["forward"], (Where("train.py", 10),), False, thawed=True
    )
    assert one.edits == (Unfreeze((FREEZING,)), held)


def test_an_optimizer_that_holds_frozen_weights_is_left_alone() -> None:
    [one] = remedies("frozen-params")
    assert one.edits == (Unfreeze((FREEZING,)),)
    assert (one.kind, one.safety) == (Kind.BUG, Safety.SAFE)


def test_frozen_weights_that_were_learnt_are_thawed_last_and_not_unasked() -> None:
    [one] = remedies("frozen-params", unmet(healthy(frozen(2, 3, how="keep"))))
    assert (one.kind, one.safety) == (Kind.ARCHITECTURE, Safety.UNSAFE)


def test_frozen_weights_behind_a_cut_get_their_gradient_back_as_well() -> None:
    before = frozen(2, 3, setup=cut_off())
    [one] = remedies("frozen-params", unmet(healthy(before)))
    assert one.edits == (Unfreeze((FREEZING,)), LetGradients((CUT,)))
    assert not severed(one.setup(before).program)


def test_what_cuts_a_part_off_is_taken_out() -> None:
    [one] = remedies("graph-detached")
    before = setup("graph-detached")
    assert severed(before.program) >= {2, 3, 7}
    after = one.setup(before).program
    assert [op.short for op in after.ops] == ["linear", "relu", "linear", "mse_loss"]
    assert not severed(after)
    assert one.edits == (LetGradients((CUT,)),)


def test_scores_are_compared_where_argmax_chose_a_class() -> None:
    sick = unmet(healthy(network(end="argmax", loss="mse_loss")))
    assert sick.setup is not None
    data = dataclasses.replace(
        sick.setup.data, rows={**sick.setup.data.rows, 1: np.arange(60, dtype=np.float32) % 2}
    )
    [one] = remedies(
        "graph-detached",
        dataclasses.replace(sick, setup=dataclasses.replace(sick.setup, data=data)),
    )
    assert one.meant and (one.edits, one.safety) == ((), Safety.SHOW)
    changed = one.setup(dataclasses.replace(sick.setup, data=data)).program
    assert [op.short for op in changed.ops][-1] == "cross_entropy" and changed.prediction == 8


def test_smaller_batches_make_more_updates_in_as_many_passes() -> None:
    before = batched(60, 40)
    changed = remedies("batch-size-unfit")
    assert [one.setup(before).plan.batch for one in changed] == [16]
    assert [one.setup(before).plan.steps for one in changed] == [160]
    assert changed[0].edits == (SetBatch(LINES["step"], 16, 60, 60),)


def test_rows_that_are_not_cut_pass_by_pass_cannot_be_cut_otherwise() -> None:
    with pytest.raises(Unchangeable):
        with_batch(batched(60, 40, "fresh"), 16)


def test_larger_batches_make_fewer_updates_in_as_many_passes() -> None:
    before = batched(2, 3000)
    noisy = seen(unmet(healthy(before)), "swing", loss=0.5)
    [one] = remedies("batch-size-unfit", noisy)
    assert (one.setup(before).plan.batch, one.setup(before).plan.steps) == (16, 400)


def test_inputs_are_standardised_by_their_own_statistics() -> None:
    [one] = remedies("inputs-unscaled")
    rows = one.setup(setup("inputs-unscaled")).data.rows[0]
    assert np.allclose(rows.mean(0), 0, atol=1e-4)
    assert np.allclose(rows.std(0), 1, atol=1e-3)
    assert one.edits == (ScaleInputs(LINES["forward"], (1960.0, 1960.0), (35.0, 35.0)),)


def test_a_feature_that_never_varies_is_divided_by_one() -> None:
    one_flat = seen(SICK["inputs-unscaled"](), "input_spread", feature_1=0.0)
    [edit] = remedies("inputs-unscaled", one_flat)[0].edits
    assert isinstance(edit, ScaleInputs)
    assert edit.spread == (35.0, 1.0)


@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("lr-too-small", [2e-5, 1e-4, 2e-4, 1e-3, 1e-2]),
        ("lr-too-large", [0.02, 0.01, 0.002, 0.001, 0.0001]),
    ],
)
def test_rates_are_numbers_that_people_write_and_the_trial_trains_the_same(
    name: str, rates: list[float]
) -> None:
    before = setup(name).optimizer.rate
    for one, rate in zip(remedies(name), rates, strict=True):
        assert one.edits == (SetArgument(LINES["optimizer"], "SGD", "lr", 1, rate, before),)
        assert math.isclose(one.setup(setup(name)).optimizer.rate, rate, rel_tol=1e-12)
        assert f"{rate:g}" in one.say


@pytest.mark.parametrize(
    ("value", "near"),
    [(0.03, 0.02), (0.04, 0.05), (0.08, 0.1), (7.0, 5.0), (7.2, 10.0), (1e-5, 1e-5)],
)
def test_a_tidy_number_is_the_nearest_ratio_of_one_two_and_five(value: float, near: float) -> None:
    assert tidy(value) == near


def test_a_rate_written_into_the_update_by_hand_is_shown_only() -> None:
    by_hand = optimizer(network(), "SGD", 1e-5, by_hand=True)
    slow = seen(unmet(healthy(by_hand)), "rate_over_edge", rate=1e-4)
    for one in remedies("lr-too-small", slow):
        assert (one.edits, one.safety) == ((), Safety.SHOW)


def test_rates_that_differ_between_groups_are_shown_only() -> None:
    two = network()
    groups = ({"lr": 1e-5}, {"lr": 1e-4})
    two = dataclasses.replace(two, optimizer=dataclasses.replace(two.optimizer, groups=groups))
    slow = seen(unmet(healthy(two)), "rate_over_edge", rate=1e-4)
    for one in remedies("lr-too-small", slow):
        assert (one.edits, one.safety) == ((), Safety.SHOW)
        first, second = (group["lr"] for group in one.setup(two).optimizer.groups)
        assert math.isclose(second, 10 * first)


def test_training_is_lengthened_up_to_a_hundredfold() -> None:
    short = steps(network(), 20)
    changed = remedies("too-few-steps")
    assert [one.setup(short).plan.steps for one in changed] == [60, 200, 600, 2000]
    assert [one.edits for one in changed] == [
        (SetSteps(LINES["step"], factor),) for factor in (3.0, 10.0, 30.0, 100.0)
    ]


def test_hidden_layers_are_widened_up_to_sixteenfold_and_the_output_keeps_its_size() -> None:
    changed = remedies("too-little-capacity")
    assert [widths(one.setup(network(2))) for one in changed] == [(4,), (8,), (16,), (32,)]
    assert changed[1].edits == (
        Resize(Where("train.py", 2), "Linear", (2, 2), (2, 8)),
        Resize(Where("train.py", 4), "Linear", (2, 8), (1, 1)),
    )


def test_a_layer_that_was_built_out_of_sight_makes_widening_shown_only() -> None:
    sick = SICK["too-little-capacity"]()
    unseen = dataclasses.replace(sick, sites=sick.sites[1:])
    for one in remedies("too-little-capacity", unseen):
        assert (one.edits, one.safety) == ((), Safety.SHOW)


def test_activations_are_inserted_behind_every_hidden_layer() -> None:
    [one] = remedies("linear-network")
    changed = layers(one.setup(setup("linear-network")))
    assert [layer.activation_name for layer in changed] == ["relu", ""]
    assert one.edits == (
        InsertActivation((Where("train.py", 2),), (Where("train.py", 10),), ("0",), "relu"),
    )


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("saturated-units", "sigmoid", ["relu"]), ("dying-relu", "relu", ["leaky_relu", "elu"])],
)
def test_the_hidden_activation_is_replaced_where_it_is_built(
    name: str, old: str, new: list[str]
) -> None:
    assert layers(setup(name))[0].activation_name == old
    for one, activation in zip(remedies(name), new, strict=True):
        assert layers(one.setup(setup(name)))[0].activation_name == activation
        assert one.edits == (ReplaceActivation((Where("train.py", 3),), old, activation),)


def test_an_activation_called_as_a_function_is_replaced_where_it_is_called() -> None:
    sick = SICK["dying-relu"]()
    assert sick.setup is not None
    program = sick.setup.program
    ops = tuple(
        dataclasses.replace(op, module="", line=77) if op.short == "relu" else op
        for op in program.ops
    )
    inline = dataclasses.replace(sick.setup, program=dataclasses.replace(program, ops=ops))
    one = remedies("dying-relu", dataclasses.replace(sick, setup=inline))[0]
    assert one.edits == (ReplaceActivation((Where("train.py", 77),), "relu", "leaky_relu"),)


def test_a_block_that_calls_a_function_is_not_taken_for_an_activation() -> None:
    sick = SICK["dying-relu"]()
    assert sick.setup is not None
    program = sick.setup.program
    within = {"linear": "1.0", "relu": "1"}  # module 1 holds layer 1.0 and calls relu itself
    ops = tuple(
        dataclasses.replace(op, module=within[op.short], line=77) if op.outs[0] in (6, 7) else op
        for op in program.ops
    )
    block = dataclasses.replace(sick.setup, program=dataclasses.replace(program, ops=ops))
    off = seen(dataclasses.replace(sick, setup=block), "units_off", **{"1.0": (0.1, 1.0)})
    assert off.sites[1].where == Where("train.py", 3)
    one = remedies("dying-relu", off)[0]
    assert one.edits == (ReplaceActivation((Where("train.py", 77),), "relu", "leaky_relu"),)


def test_the_outputs_sigmoid_stays_when_hidden_sigmoids_are_replaced() -> None:
    both = network(activation="sigmoid", end="sigmoid")
    flat = seen(unmet(healthy(both)), "units_saturated", _0=1.0)
    [one] = remedies("saturated-units", flat)
    assert [layer.activation_name for layer in layers(one.setup(both))] == ["relu", "sigmoid"]
    [edit] = one.edits
    assert isinstance(edit, ReplaceActivation)
    assert edit.lines == (Where("train.py", 3),)


def test_logits_take_the_sigmoid_into_the_loss_and_ask_first() -> None:
    [one] = remedies("sigmoid-bce-saturation")
    names = [op.short for op in one.setup(setup("sigmoid-bce-saturation")).program.ops]
    assert names == ["linear", "relu", "linear", "binary_cross_entropy_with_logits"]
    assert one.edits == (UseLogits(Where("train.py", 5), LINES["loss"], LINES["loss_built"]),)
    assert one.safety is Safety.UNSAFE


@pytest.mark.parametrize(
    ("name", "function", "loss"),
    [
        ("softmax-before-ce", "softmax", "cross_entropy"),
        ("sigmoid-before-bcewithlogits", "sigmoid", "binary_cross_entropy_with_logits"),
    ],
)
def test_a_second_squash_is_taken_out_and_the_loss_stays(
    name: str, function: str, loss: str
) -> None:
    [one] = remedies(name)
    assert [op.short for op in one.setup(setup(name)).program.ops] == [
        "linear", "relu", "linear", loss
    ]  # fmt: skip
    assert one.edits == (DropSquash(Where("train.py", 5), function, LINES["loss"]),)
    assert (one.safety, one.kind) == (Safety.UNSAFE, Kind.BUG)


def test_a_squash_in_the_line_of_the_loss_is_nobody_elses() -> None:
    sick = SICK["softmax-before-ce"]()
    here = dataclasses.replace(sick, lines={**LINES, "loss": Where("train.py", 5)})
    assert remedies("softmax-before-ce", here)[0].safety is Safety.SAFE


@pytest.mark.parametrize(
    ("name", "lowest", "highest", "how", "value"),
    [
        ("torch.log", 0.0, 1.0, "add", 1e-8),
        ("torch.log", -0.1, 1.0, "above", 1e-8),
        ("torch.exp", 0.0, 100.0, "below", 80.0),
        ("torch.Tensor.__rtruediv__", -1.0, 1.0, "add", 1e-8),
    ],
)
def test_an_operand_is_kept_where_the_operation_has_a_value(
    name: str, lowest: float, highest: float, how: str, value: float
) -> None:
    sick = broken(name, lowest, highest)
    [one] = remedies("nan-loss", sick)
    function = name.rsplit(".", 1)[-1].strip("_")
    assert one.edits == (GuardOperand(Where("train.py", 10), function, how, value, 1),)
    assert (one.safety, one.kind) == (Safety.SAFE, Kind.BUG)
    assert sick.setup is not None
    kept = one.setup(sick.setup).program.ops[-2]
    assert kept.short == ("add" if how == "add" else "clamp")
    assert value in (*kept.args, *kept.kwargs.values())


def test_an_operation_whose_line_is_not_known_is_guarded_in_trials_only() -> None:
    sick = broken()
    assert sick.setup is not None
    ops = tuple(dataclasses.replace(op, file="", line=0) for op in sick.setup.program.ops)
    program = dataclasses.replace(sick.setup.program, ops=ops)
    hidden = dataclasses.replace(sick, setup=dataclasses.replace(sick.setup, program=program))
    [one] = remedies("nan-loss", hidden)
    assert (one.edits, one.safety) == ((), Safety.SHOW)


def test_an_axis_is_set_where_the_softmax_is_built() -> None:
    [one] = remedies("wrong-axis")
    changed = one.setup(setup("wrong-axis"))
    assert [op.args[-1] for op in changed.program.ops if op.short == "softmax"] == [1]
    assert one.edits == (SetArgument(Where("train.py", 5), "Softmax", "dim", 0, 1, 0),)
    assert (one.safety, one.kind) == (Safety.SAFE, Kind.BUG)


@pytest.mark.parametrize(("name", "position"), [("torch.softmax", 1), ("torch.Tensor.softmax", 0)])
def test_an_axis_is_set_in_the_call_of_a_function_or_a_method(name: str, position: int) -> None:
    sick = SICK["wrong-axis"]()
    assert sick.setup is not None
    ops = tuple(
        dataclasses.replace(op, name=name, module="", line=77) if op.short == "softmax" else op
        for op in sick.setup.program.ops
    )
    program = dataclasses.replace(sick.setup.program, ops=ops)
    called = dataclasses.replace(sick, setup=dataclasses.replace(sick.setup, program=program))
    [one] = remedies("wrong-axis", called)
    assert one.edits == (SetArgument(Where("train.py", 77), "softmax", "dim", position, 1, 0),)


def test_mixed_rows_are_read_along_the_axis_on_which_they_lay() -> None:
    sick = seen(unmet(healthy()), "reread_r2", learner=0.9, now=0.0, axis=1)
    [one] = remedies("wrong-axis", sick)
    assert sick.setup is not None
    before, after = sick.setup.data.rows[0], one.setup(sick.setup).data.rows[0]
    assert np.array_equal(after, before.reshape(2, 60).T)
    assert (one.edits, one.safety, one.kind) == ((), Safety.SHOW, Kind.BUG)


def amiss(loss: str = "mse_loss", end: str = "", **fit: float) -> Recording:
    return seen(unmet(healthy(network(end=end, loss=loss))), "loss_fit", **fit)


def test_raw_scores_get_cross_entropy() -> None:
    [one] = remedies("loss-mismatch")
    changed = one.setup(setup("loss-mismatch"))
    assert [op.short for op in changed.program.ops][-2:] == ["log_softmax", "nll_loss"]
    names = (("NLLLoss", "CrossEntropyLoss"), ("nll_loss", "cross_entropy"))
    assert one.edits == (RenameCall((LINES["loss_built"], LINES["loss"]), names),)
    assert (one.safety, one.meant) == (Safety.SAFE, True)


def test_shares_get_their_logarithm_where_they_are_made() -> None:
    sick = amiss("nll_loss", "softmax", logs=0.5)
    [one] = remedies("loss-mismatch", sick)
    assert sick.setup is not None
    changed = one.setup(sick.setup)
    assert [op.short for op in changed.program.ops][-2:] == ["log_softmax", "nll_loss"]
    names = (("Softmax", "LogSoftmax"), ("softmax", "log_softmax"))
    assert one.edits == (RenameCall((Where("train.py", 5),), names),)
    assert one.safety is Safety.UNSAFE


def test_a_loss_that_is_climbed_gets_the_other_sign_for_both_arms() -> None:
    [one] = remedies("loss-mismatch", amiss(sign=-1.0))
    assert one.setup(network()).program.ops[-1].short == "neg"
    assert one.edits == (FlipSign(LINES["loss"]),)
    assert one.meant


def test_an_optimizer_that_climbs_is_told_to_go_down_and_the_loss_stays_the_judge() -> None:
    climbing = dataclasses.replace(
        network(), optimizer=Optimizer("SGD", ({"lr": 0.1, "maximize": True},))
    )
    [one] = remedies("loss-mismatch", seen(unmet(healthy(climbing)), "loss_fit", sign=-1.0))
    assert one.setup(climbing).optimizer.groups[0]["maximize"] is False
    assert one.edits == (SetArgument(LINES["optimizer"], "SGD", "maximize", None, False, True),)
    assert not one.meant


def signs(setup: Setup) -> Setup:
    rows = {**setup.data.rows, 1: np.sign(setup.data.rows[1])}
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))


def test_targets_of_minus_one_and_one_become_no_and_yes() -> None:
    sick = signs(network(loss="binary_cross_entropy_with_logits"))
    [one] = remedies("loss-mismatch", seen(unmet(healthy(sick)), "loss_fit", targets=1.0))
    assert set(np.unique(one.setup(sick).data.rows[1])) == {0.0, 1.0}
    assert one.edits == (UnitTargets(LINES["loss"], -1.0, 1.0),)


def test_targets_of_many_values_have_no_remedy() -> None:
    assert remedies("loss-mismatch", amiss("binary_cross_entropy", "sigmoid", targets=1.0)) == ()


def test_class_numbers_are_chosen_and_not_approached() -> None:
    sick = amiss(outputs=3.0)
    [one] = remedies("loss-mismatch", sick)
    assert sick.setup is not None
    changed = one.setup(sick.setup)
    assert changed.program.ops[-1].short == "cross_entropy"
    assert changed.data.rows[1].dtype.kind == "i" and changed.data.rows[1].ndim == 1
    assert [type(edit).__name__ for edit in one.edits] == ["RenameCall", "AsClasses"]
    assert one.meant


def test_one_output_is_asked_for_yes_or_no() -> None:
    sick = amiss("cross_entropy", classes=1.0)
    [one] = remedies("loss-mismatch", sick)
    assert sick.setup is not None
    last = one.setup(sick.setup).program.ops[-1]
    assert last.short == "binary_cross_entropy_with_logits"
    assert one.safety is Safety.UNSAFE


def test_shapes_are_matched_in_the_loss() -> None:
    [one] = remedies("loss-broadcast")
    names = [op.short for op in one.setup(setup("loss-broadcast")).program.ops]
    assert "reshape_as" in names
    assert one.edits == (MatchShapes(LINES["loss"], (60, 1), (60,)),)


def test_another_start_is_drawn_by_another_seed() -> None:
    [one] = remedies("unlucky-init")
    assert setup("unlucky-init").start == "recorded"
    assert one.setup(setup("unlucky-init")).start == "draw"
    assert one.edits == (SetSeed(LINES["seed"], 1),)


def test_without_a_seed_another_start_is_shown_only() -> None:
    sick = SICK["unlucky-init"]()
    lines = {role: line for role, line in sick.lines.items() if role != "seed"}
    [one] = remedies("unlucky-init", dataclasses.replace(sick, lines=lines))
    assert (one.edits, one.safety) == ((), Safety.SHOW)


def test_the_last_activation_is_dropped_where_it_is_built() -> None:
    [one] = remedies("missing-output-match")
    changed = one.setup(setup("missing-output-match")).program
    assert [op.short for op in changed.ops] == ["linear", "relu", "linear", "mse_loss"]
    assert changed.prediction == changed.ops[2].outs[0] == changed.ops[3].slots()[0]
    assert one.edits == (DropActivation(Where("train.py", 5), "relu"),)


def test_a_loss_that_takes_probabilities_gets_a_sigmoid_for_a_softmax_over_one_unit() -> None:
    sick = bounded("softmax", loss="binary_cross_entropy")
    assert sick.setup is not None
    [one] = remedies("missing-output-match", sick)
    names = [op.short for op in one.setup(sick.setup).program.ops]
    assert names == ["linear", "relu", "linear", "sigmoid", "binary_cross_entropy"]
    assert one.edits == (ReplaceActivation((Where("train.py", 5),), "softmax", "sigmoid"),)


def test_dropout_is_lowered_where_it_is_built_and_at_last_given_up() -> None:
    some, none = remedies("dropout-too-strong")
    built = (Where("train.py", 5),)
    assert some.edits == (SetDropout(built, 0.9, 0.1),)
    assert none.edits == (SetDropout(built, 0.9, 0.0),)
    before = setup("dropout-too-strong")
    assert [max(map(dropped, one.setup(before).program.ops)) for one in (some, none)] == [0.1, 0.0]


def test_dropout_of_a_tenth_can_only_be_given_up() -> None:
    mild = seen(unmet(healthy(dropping(0.1))), "dropout_noise", prediction=0.3)
    assert [one.say for one in remedies("dropout-too-strong", mild)] == [
        "drop with a probability of 0 (it is 0.1)"
    ]


def test_a_function_that_drops_is_edited_where_it_is_called() -> None:
    sick = seen(unmet(healthy(dropping(0.9, ""))), "dropout_noise", prediction=0.6)
    [edit] = remedies("dropout-too-strong", sick)[0].edits
    assert edit == SetDropout((Where("train.py", 10),), 0.9, 0.1)


def test_rows_are_normalised_by_themselves_in_the_same_batches() -> None:
    [rows] = remedies("batchnorm-misuse")
    before = setup("batchnorm-misuse")
    assert rows.edits == (NormaliseRows((Where("train.py", 5),), (False,)),)
    changed = rows.setup(before)
    assert "batch_norm" not in {op.short for op in changed.program.ops}
    assert changed.plan is before.plan


def test_a_normalisation_that_no_module_makes_is_changed_in_trials_only() -> None:
    sick = SICK["batchnorm-misuse"]()
    [rows] = remedies("batchnorm-misuse", dataclasses.replace(sick, sites=()))
    assert (rows.edits, rows.safety) == ((), Safety.SHOW)


def test_a_layer_behind_linear_ones_is_given_one_number_a_feature() -> None:
    sick = SICK["batchnorm-misuse"]()
    kinds = {"3": "BatchNorm1d"}
    sites = tuple(
        dataclasses.replace(site, kind=kinds.get(site.path, site.kind)) for site in sick.sites
    )
    rows = remedies("batchnorm-misuse", dataclasses.replace(sick, sites=sites))[-1]
    assert rows.edits == (NormaliseRows((Where("train.py", 5),), (True,)),)


def test_a_network_in_evaluation_mode_is_put_into_training_mode() -> None:
    sick = fixed(offset=9.0)
    assert sick.setup is not None
    [one] = remedies("batchnorm-misuse", sick)
    assert (one.kind, one.edits) == (Kind.BUG, (StayInTraining(LINES["backward"]),))
    assert any(by_batch(op) for op in one.setup(sick.setup).program.ops)


def test_rectifiers_are_drawn_by_hes_scheme_or_by_the_calmer_one_of_glorot() -> None:
    he, glorot = remedies("vanishing-gradients")
    built = LINES["optimizer"]
    assert he.edits == (DrawWeights(built, "kaiming_uniform_", (("nonlinearity", "relu"),)),)
    assert glorot.edits == (DrawWeights(built, "xavier_uniform_"),)
    drawn = [p.draws for p in he.setup(network()).parameters if p.start.ndim == 2]
    assert drawn == [(Draw("fan_uniform", (pytest.approx(math.sqrt(6)),), fan),) for fan in (2, 16)]


def test_a_sigmoids_scheme_makes_up_for_its_slope_and_tanh_is_tried_too() -> None:
    sick = seen(unmet(healthy(network(activation="sigmoid"))), "gradient_kept", _0=1e-4)
    drawn, swapped, both = remedies("vanishing-gradients", sick)
    assert sick.setup is not None
    assert drawn.edits == (DrawWeights(LINES["optimizer"], "xavier_uniform_", (("gain", 4.0),)),)
    assert [type(edit).__name__ for edit in both.edits] == ["ReplaceActivation", "DrawWeights"]
    changed = both.setup(sick.setup)
    assert changed.parameters[0].draws == (Draw("xavier_uniform", (1.0,)),)
    assert [layer.activation_name for layer in layers(changed)] == ["tanh", ""]
    assert both.edits[0] == swapped.edits[0]


def test_weights_that_are_multiplied_by_hand_are_drawn_in_trials_only() -> None:
    sick = SICK["vanishing-gradients"]()
    sites = tuple(dataclasses.replace(site, kind="tensor") for site in sick.sites)
    for one in remedies("vanishing-gradients", dataclasses.replace(sick, sites=sites)):
        assert (one.edits, one.safety) == ((), Safety.SHOW)


@pytest.mark.parametrize("name", ["bad-init-scale", "symmetric-init"])
def test_all_that_the_faulty_line_drew_is_drawn_by_torch_again(name: str) -> None:
    [one] = remedies(name)
    changed = {p.name: p.draws[0] for p in one.setup(setup(name)).parameters}
    assert (changed["0.weight"].how, changed["0.weight"].fan) == ("fan_uniform", 2)
    assert (changed["2.weight"].how, changed["2.weight"].fan) == ("fan_uniform", 16)
    assert one.edits == (KeepDefaultInit((FILL_LINE,)),)


def test_starting_values_of_a_tensor_made_by_hand_are_shown_only() -> None:
    sick = SICK["bad-init-scale"]()
    sites = tuple(dataclasses.replace(site, kind="tensor") for site in sick.sites)
    [one] = remedies("bad-init-scale", dataclasses.replace(sick, sites=sites))
    assert (one.edits, one.safety) == ((), Safety.SHOW)


def test_weights_that_a_line_made_by_hand_are_drawn_normally_with_a_layers_spread() -> None:
    sick = SICK["bad-init-scale"]()
    assert sick.setup is not None
    made = dataclasses.astuple(FILL_LINE)[:2]
    parameters = tuple(
        dataclasses.replace(
            p,
            filled=(),
            made=made,
            draws=p.draws if p.start.ndim > 1 else (Draw("constant", (0.0,)),),
            start=p.start if p.start.ndim > 1 else np.zeros_like(p.start),
        )
        for p in sick.setup.parameters
    )
    setup = dataclasses.replace(sick.setup, parameters=parameters)
    sites = tuple(dataclasses.replace(site, kind="tensor") for site in sick.sites)
    [one] = remedies("bad-init-scale", dataclasses.replace(sick, sites=sites, setup=setup))
    [edit] = one.edits
    assert isinstance(edit, DrawNormal)
    assert edit.spreads == pytest.approx((1 / math.sqrt(6), 1 / math.sqrt(48)))
    assert (edit.line, edit.by_first_size, one.safety) == (FILL_LINE, False, Safety.SAFE)


def test_a_bias_that_is_too_large_is_taken_back_alone() -> None:
    sick = seen(unmet(healthy(filled(network(), 9.0, 3))), "signal", _0=(20.0, 0.8))
    [one] = remedies("bad-init-scale", sick)
    assert sick.setup is not None
    pairs = zip(sick.setup.parameters, one.setup(sick.setup).parameters, strict=True)
    assert [new.name for old, new in pairs if new.draws != old.draws] == ["0.bias"]


def test_a_bias_that_was_filled_by_hand_is_filled_with_zeros() -> None:
    sick = seen(unmet(healthy(filled(network(), 9.0, 3))), "signal", _0=(20.0, 0.8))
    assert sick.setup is not None
    parameters = tuple(
        dataclasses.replace(p, draws=(Draw("constant", (9.0,)),)) if p.filled else p
        for p in sick.setup.parameters
    )
    setup = dataclasses.replace(sick.setup, parameters=parameters)
    sites = tuple(dataclasses.replace(site, kind="tensor") for site in sick.sites)
    [one] = remedies("bad-init-scale", dataclasses.replace(sick, sites=sites, setup=setup))
    assert one.edits == (SetArgument(FILL_LINE, "full", "fill_value", 1, 0.0, 9.0),)


def test_hidden_layers_are_trained_with_the_first_group_and_the_others_as_they_were() -> None:
    [one] = remedies("params-not-registered")
    before = setup("params-not-registered")
    assert [p.group for p in before.parameters] == [-1, -1, 0, 0]
    assert [p.group for p in one.setup(before).parameters] == [0, 0, 0, 0]
    assert one.edits == (RegisterLayers(Where("train.py", 2), "layers"),)


def test_targets_are_standardised_for_training_and_ask_first() -> None:
    [one] = remedies("targets-unscaled")
    changed = one.setup(setup("targets-unscaled"))
    old, new = changed.program.targets
    rows = changed.data.rows
    assert np.allclose(rows[new].mean(0), 0, atol=1e-3)
    assert np.allclose(rows[new].std(0), 1, atol=1e-3)
    assert np.array_equal(rows[old], setup("targets-unscaled").data.rows[1])
    assert one.edits == (ScaleTargets(LINES["loss"], LINES["forward"], (6771.0,), (4.0,)),)
    assert (one.safety, one.kind) == (Safety.UNSAFE, Kind.DATA)


def test_heavy_tails_are_trained_and_judged_as_logarithms() -> None:
    [one] = remedies("targets-heavy-tailed")
    rows = setup("targets-heavy-tailed").data.rows
    changed = one.setup(setup("targets-heavy-tailed"))
    old, new = changed.program.targets
    logs = np.log(rows[1])
    assert np.allclose(changed.data.rows[old], logs)
    assert np.allclose(changed.data.rows[new], (logs - logs.mean()) / logs.std(), atol=1e-3)
    [edit] = one.edits
    assert isinstance(edit, ScaleTargets) and edit.logarithm
    assert edit.mean == pytest.approx((logs.mean(),)) and edit.spread == pytest.approx(
        (logs.std(),)
    )
    assert (one.safety, one.kind, one.meant) == (Safety.UNSAFE, Kind.DATA, True)
    assert one.judge is not None
    untreated = one.judge(setup("targets-heavy-tailed"))
    old, new = untreated.program.targets
    assert np.allclose(untreated.data.rows[old], logs)
    assert np.array_equal(untreated.data.rows[new], rows[1])


def test_far_targets_are_drawn_into_the_range_of_the_others_by_which_all_is_judged() -> None:
    recording = slipped(unmet(healthy(), 1.0))
    [one] = remedies("targets-heavy-tailed", recording)
    assert recording.setup is not None
    rows = recording.setup.data.rows[1]
    changed = one.setup(recording.setup)
    old, new = changed.program.targets
    low, high = (recording.tables["tail"].at(site) for site in ("low", "high"))
    assert np.array_equal(changed.data.rows[old], rows)
    assert np.array_equal(changed.data.rows[new], np.clip(rows, low, high))
    [edit] = one.edits
    assert isinstance(edit, ClipTargets) and edit.low is None
    assert edit.high is not None and high <= edit.high <= high + 0.01 * (high - low)
    assert (one.safety, one.kind, one.meant) == (Safety.UNSAFE, Kind.DATA, True)
    assert one.judge is not None
    untreated = one.judge(recording.setup)
    assert np.array_equal(untreated.data.rows[untreated.program.targets[1]], rows)
    for made in (changed, untreated):
        here = {p.slot: torch.as_tensor(p.start) for p in made.parameters}
        data = {slot: torch.as_tensor(part) for slot, part in made.data.rows.items()}
        program = made.program
        assert program.judged is not None
        out = interpret(program)(here, data, (program.prediction, program.judged))
        errors = (out[program.prediction].numpy() - rows) ** 2
        errors[(rows < low) | (rows > high)] = 0
        assert float(out[program.judged]) == pytest.approx(float(errors.mean()), rel=1e-5)


def test_inputs_are_kept_as_they_were_before_the_cast() -> None:
    [one] = remedies("dtype-truncation")
    before = setup("dtype-truncation").data
    after = one.setup(setup("dtype-truncation")).data
    assert np.array_equal(after.rows[0], before.originals[0]) and after.rows[0].any()
    assert np.array_equal(after.rows[1], before.rows[1])
    assert one.edits == (KeepFractions((CAST_LINE,)),)
    assert (one.safety, one.kind, one.meant) == (Safety.SAFE, Kind.BUG, False)


def test_towards_the_targets_that_were_meant_both_arms_are_judged() -> None:
    [one] = remedies("dtype-truncation", cast(unmet(healthy()), slot=1))
    assert one.meant


def test_a_cast_whose_line_was_not_seen_is_only_shown() -> None:
    recording = cast(unmet(healthy()))
    lines = {role: line for role, line in recording.lines.items() if role != "input_cast"}
    [one] = remedies("dtype-truncation", dataclasses.replace(recording, lines=lines))
    assert (one.edits, one.safety) == ((), Safety.SHOW)


def test_a_few_rows_with_holes_are_left_out() -> None:
    [one] = remedies("data-degenerate")
    changed = one.setup(setup("data-degenerate"))
    assert changed.data.count == changed.plan.batch == 57
    assert np.array_equal(changed.data.rows[1], network().data.rows[1][3:])
    edit = MendRows(LINES["forward"], LINES["loss"], "", ("inputs",), (2, 2))
    assert one.edits == (edit,) and "the 3 rows" in one.say
    assert (one.safety, one.kind, one.meant) == (Safety.SAFE, Kind.BUG, True)


def test_yes_counts_as_often_as_it_is_rarer_than_no() -> None:
    [one] = remedies("class-imbalance")
    before = setup("class-imbalance")
    changed = one.setup(before)
    [weight] = [part for part in changed.program.constants.values() if part.shape == (1,)]
    assert weight.tolist() == [19.0]
    assert changed.program.judged not in {None, changed.program.loss}
    assert one.edits == (WeighClasses((LINES["loss_built"], LINES["loss"]), (19.0,)),)
    assert (one.safety, one.kind, one.meant) == (Safety.UNSAFE, Kind.SETTING, False)


def test_every_class_has_the_same_part_in_the_loss() -> None:
    [one] = remedies("class-imbalance", imbalanced(loss="cross_entropy"))
    [edit] = one.edits
    assert isinstance(edit, WeighClasses) and edit.weights == (0.53, 10.0)


def test_the_same_batch_makes_way_for_others_of_the_same_size() -> None:
    recording = repeating()
    [one] = remedies("data-degenerate", recording)
    assert recording.setup is not None
    changed = one.setup(recording.setup)
    assert (changed.data.count, changed.plan.batch, changed.plan.order) == (400, 60, "fresh")
    assert changed.plan.steps == recording.setup.plan.steps and not changed.data.unseen
    assert one.edits == (Shuffle(LINES["batch"]),)
    assert (one.safety, one.kind, one.meant) == (Safety.SAFE, Kind.BUG, True)
    with pytest.raises(Unchangeable, match="held back"):
        one.setup(changed)


def test_what_many_rows_lack_is_filled_in() -> None:
    recording = holed(20, value=-np.inf)
    [one] = remedies("data-degenerate", recording)
    assert recording.setup is not None
    changed = one.setup(recording.setup)
    assert changed.data.count == 60 and np.isfinite(changed.data.rows[0]).all()
    [edit] = one.edits
    assert isinstance(edit, MendRows) and (edit.fill, edit.leave) == ("median", ())
    assert edit.endless and one.safety is Safety.SAFE


def test_a_feature_without_any_number_is_given_up_only_if_asked() -> None:
    [one] = remedies("data-degenerate", holed(60))
    [edit] = one.edits
    assert isinstance(edit, MendRows) and edit.fill == "zero"
    assert one.safety is Safety.UNSAFE
    assert "with zero" in one.say


def test_rows_whose_way_to_the_loss_was_not_seen_are_mended_in_the_trial_only() -> None:
    recording = holed()
    lines = {role: line for role, line in recording.lines.items() if role != "loss"}
    [one] = remedies("data-degenerate", dataclasses.replace(recording, lines=lines))
    assert (one.edits, one.safety) == ((), Safety.SHOW)


def test_tiny_inputs_are_standardised_like_unscaled_ones() -> None:
    [one] = remedies("inputs-tiny")
    rows = one.setup(setup("inputs-tiny")).data.rows[0]
    assert np.allclose(rows.std(0), 1, atol=1e-3)
    assert one.edits == (ScaleInputs(LINES["forward"], (0.0, 0.0), (0.0003, 0.0003)),)
    assert one.name == "inputs-tiny"


def test_a_loop_that_was_ended_early_makes_parts_of_its_plan_and_all_of_it() -> None:
    found = remedies("early-stopping-too-soon", cut_short(40_000))
    changed = [one.setup(network()).plan.steps for one in found]
    assert changed == [10_000, 20_000, 40_000]
    assert {one.edits for one in found} == {(DropEnding((ENDING,)),)}
    assert "make all of the 40000" in found[-1].say


def test_a_plan_is_not_cut_to_less_than_was_made() -> None:
    found = remedies("early-stopping-too-soon", cut_short(8000))
    assert [one.setup(network()).plan.steps for one in found] == [8000]


def test_waves_are_given_beside_the_inputs_and_the_first_layer_takes_them() -> None:
    one = remedies("spectral-bias")[0]
    before = setup("spectral-bias")
    after = one.setup(before)
    x = before.data.rows[0].astype(np.float64)
    phase = x * np.array([7.543, 11.5])  # one wave along each input
    expected = np.concatenate([x, np.sin(phase), np.cos(phase)], axis=1)
    np.testing.assert_allclose(after.data.rows[0], expected, atol=1e-5)
    weight, bias, *rest = after.parameters
    assert weight.start.shape == (16, 6)
    assert (weight.draws[0].fan, bias.draws[0].fan) == (6, 6)
    assert tuple(rest) == before.parameters[2:]
    assert (after.start, one.kind, one.safety) == ("draw", Kind.ARCHITECTURE, Safety.UNSAFE)
    assert one.edits == (
        AddWaves(LINES["forward"], ((7.543, 0.0), (0.0, 11.5))),
        Resize(Where("train.py", 2), "Linear", (2, 6), (16, 16)),
    )


def test_waves_that_explain_most_are_tried_before_all_of_them() -> None:
    first, every = remedies("spectral-bias", rippled(explained=(0.85, 0.9)))
    assert (first.size, every.size) == (0, 1)
    assert first.edits[0] == AddWaves(LINES["forward"], ((7.543,), (0.0,)))
    assert every.edits[0] == AddWaves(LINES["forward"], ((7.543, 0.0), (0.0, 11.5)))


def test_a_wave_that_a_network_learns_by_itself_is_not_given_to_it() -> None:
    [only] = remedies("spectral-bias", rippled(explained=(0.3, 0.9), cycles=(2.0, 9.0)))
    assert only.edits[0] == AddWaves(LINES["forward"], ((0.0,), (11.5,)))


def test_waves_need_one_line_where_the_first_layer_is_built_to_be_written() -> None:
    recording = dataclasses.replace(SICK["spectral-bias"](), sites=())
    one = remedies("spectral-bias", recording)[0]
    assert one.edits == () and one.safety is Safety.SHOW
