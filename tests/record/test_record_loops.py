"""Loops as people write them: what is recorded of each, and that it is enough to repeat them."""

import functools

import loops
import numpy as np
import pytest
import torch

from unstuck.replay import interpret, tensors
from unstuck.trial.reproduce import differs

REPEATABLE = sorted(set(loops.LOOPS) - {"lbfgs", "gan", "row_by_row", "summed_batch_loss"})


@pytest.fixture
def loop(watch):
    """The recording of a loop by name."""
    return functools.cache(lambda name: watch(loops.LOOPS[name]))


def losses_of(recording):
    return list(recording.tables["loss"].column("loss"))


@pytest.mark.parametrize("name", REPEATABLE)
def test_the_recorded_weights_and_batches_repeat_the_recorded_losses(watch, name):
    printing = loops.LOOPS[name].replace(
        "    loss.backward()", "    loss.backward(); print(repr(loss.item()))"
    )
    seen = watch(printing)
    assert differs(seen.recording) is None
    printed = [float(line) for line in seen.run.stdout.split()]
    recorded = losses_of(seen.recording)
    if name not in {"accumulation", "k_fold"}:  # a value an update; the last of three trainings
        assert not printed or recorded == pytest.approx(printed, rel=1e-6)


@pytest.mark.parametrize("name", REPEATABLE)
def test_the_final_weights_give_the_loss_that_torch_gives(watch, name):
    """The program as a function of weights and rows, held against the script's own network."""
    setup = watch(loops.LOOPS[name]).setup
    run = interpret(setup.program)
    rows = tensors.rows(setup, setup.plan.first[0])
    for when in ("start", "end"):
        loss = run(tensors.weights(setup, when), rows)[setup.program.loss]
        assert torch.isfinite(loss)
        assert loss.numel() == 1


@pytest.mark.parametrize(
    ("name", "order", "batch", "steps", "rows", "complete"),
    [
        ("sequential", "full", 24, 20, 24, True),
        ("class_loader", "epochs", 8, 18, 24, True),
        ("bare", "full", 24, 20, 24, True),
        ("autograd_grad", "full", 24, 20, 24, True),
        ("data_update", "full", 24, 20, 24, True),
        ("model_by_hand", "full", 24, 20, 24, True),
        ("lbfgs", "full", 24, 10, 24, True),
        ("accumulation", "epochs", 6, 16, 24, True),
        ("fresh", "fresh", 16, 30, 12 * 16, False),
        ("autoencoder", "full", 24, 20, 24, True),
        ("random_split", "epochs", 4, 40, 16, True),
        ("custom_dataset", "epochs", 6, 40, 24, True),
        ("loader_in_workers", "epochs", 6, 8, 24, True),
        ("unshuffled_loader", "sequence", 6, 40, 24, True),
        ("begun_anew", "full", 8, 20, 8, True),
        ("begun_anew_shuffled", "fresh", 8, 20, 24, True),
        ("one_batch", "full", 8, 20, 8, True),
        ("indexed", "epochs", 5, 30, 24, True),
        ("sliced", "sequence", 6, 24, 24, True),
        ("shuffled_then_split", "epochs", 6, 24, 24, True),
        ("numpy_batches", "fresh", 6, 24, 24, False),
        ("small_last_batch", "epochs", 7, 24, 24, True),
        ("k_fold", "full", 16, 15, 16, True),
        ("same_model_twice", "full", 24, 30, 24, True),
    ],
)
def test_the_plan_of_batches(loop, name, order, batch, steps, rows, complete):
    setup = loop(name).setup
    plan = setup.plan
    seen = (plan.order, plan.batch, plan.steps, setup.data.count, setup.data.complete)
    assert seen == (order, batch, steps, rows, complete)


def test_what_a_loader_holds_is_known_where_it_is_begun_anew_for_each_batch(loop):
    found = loop("begun_anew")
    unseen, rows = found.setup.data.unseen, found.setup.data.rows
    assert unseen.keys() == rows.keys()
    for slot, whole in unseen.items():
        assert len(whole) == 24 and np.array_equal(whole[:8], rows[slot])
    text = loops.LOOPS["begun_anew"].splitlines()
    assert "next(iter(loader))" in text[found.recording.lines["batch"].line - 1]


@pytest.mark.parametrize("name", ["begun_anew_shuffled", "one_batch", "broken_off"])
def test_a_batch_that_is_meant_to_be_the_only_one_or_changes_leaves_nothing_unseen(loop, name):
    assert loop(name).setup.data.unseen == {}


@pytest.mark.parametrize("name", ["random_split", "custom_dataset", "indexed", "sliced"])
def test_the_first_batches_are_rows_of_the_data(loop, name):
    setup = loop(name).setup
    assert len(setup.plan.first) >= 8
    for batch in setup.plan.first:
        assert len(batch) == setup.plan.batch
        assert 0 <= batch.min() <= batch.max() < setup.data.count


def test_a_shuffled_pass_shows_each_row_once(loop):
    first = loop("custom_dataset").setup.plan.first[:4]
    assert sorted(np.concatenate(first)) == list(range(24))


@pytest.mark.parametrize(
    ("name", "kind", "rate", "by_hand"),
    [
        ("sequential", "SGD", 0.1, False),
        ("class_loader", "Adam", 0.01, False),
        ("bare", "SGD", 0.1, True),
        ("autograd_grad", "SGD", 0.05, True),
        ("data_update", "SGD", 0.05, True),
        ("model_by_hand", "SGD", 0.1, True),
        ("lbfgs", "LBFGS", 0.5, False),
    ],
)
def test_the_optimizer(loop, name, kind, rate, by_hand):
    optimizer = loop(name).setup.optimizer
    assert (optimizer.kind, optimizer.by_hand) == (kind, by_hand)
    assert optimizer.rate == pytest.approx(rate, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "habits"),
    [
        ("sequential", ("before", 1, False, None)),
        ("model_by_hand", ("before", 1, False, None)),
        ("data_update", ("before", 1, False, None)),
        ("autograd_grad", ("before", 1, False, None)),
        ("accumulation", ("before", 2, False, None)),
        ("never_cleared", ("never", 1, False, None)),
        ("cleared_between", ("between", 1, False, None)),
        ("recreated", ("before", 1, True, None)),
        ("recreated_each_pass", ("before", 1, True, None)),
        ("two_phases", ("before", 1, False, None)),
        ("same_model_twice", ("before", 1, False, None)),
        ("clipped", ("before", 1, False, 0.5)),
    ],
)
def test_the_habits_of_the_loop(loop, name, habits):
    seen = loop(name).setup.loop
    assert (seen.clears, seen.backwards, seen.recreated, seen.clip_norm) == habits


def test_a_gradient_that_was_cleared_is_none_or_zeros(loop):
    none, zeros = (loop(name).setup.loop for name in ("cleared_between", "zeroed_between"))
    assert (none.clears, none.zeros) == ("between", False)
    assert (zeros.clears, zeros.zeros) == ("between", True)


def test_the_size_that_gradients_are_clipped_to_and_where(loop):
    seen = loop("clipped_by_value")
    assert (seen.setup.loop.clip_norm, seen.setup.loop.clip_value) == (None, 0.001)
    assert seen.recording.lines["clip"].line == 14
    assert loop("clipped").setup.loop.clip_value is None


def test_a_limit_that_was_met_but_once_is_what_the_call_says(loop):
    seen = loop("clipped_once")
    assert (seen.setup.loop.clip_norm, seen.setup.loop.clip_value) == (0.7, None)


def test_the_norm_that_gradients_are_clipped_to_is_of_what_is_updated(loop):
    seen = loop("clipped_in_part")
    assert seen.setup.loop.clip_norm == 0.01
    assert [one.group for one in seen.setup.parameters] == [-1, -1, 0, 0]


@pytest.mark.parametrize(
    ("name", "steps", "order", "clears"),
    [
        ("never_steps", 20, "sequence", "before"),
        ("never_steps_although_it_gathers", 32, "sequence", "later"),
        ("never_steps_nor_clears", 100, "full", "never"),
    ],
)
def test_a_loop_that_never_steps_is_a_training_without_updates(loop, name, steps, order, clears):
    seen = loop(name)
    assert not seen.setup.loop.steps
    assert (seen.setup.plan.steps, seen.setup.plan.order) == (steps, order)
    assert (seen.setup.loop.clears, seen.setup.loop.backwards) == (clears, 1)
    assert [one.group for one in seen.setup.parameters] == [0, 0, 0, 0]
    assert {"optimizer", "backward"} <= seen.recording.lines.keys()
    assert "step" not in seen.recording.lines


def test_without_an_update_what_its_optimizer_holds_decides_whether_gradients_are_cleared(loop):
    seen = loop("never_steps_what_it_holds_of_a_network")
    assert (seen.setup.loop.steps, seen.setup.loop.clears) == (False, "before")
    assert [one.group for one in seen.setup.parameters] == [-1, -1, 0, 0]


def test_without_an_update_gradients_are_clipped_all_the_same(loop):
    seen = loop("never_steps_what_it_clips")
    assert (seen.setup.loop.steps, seen.setup.loop.clip_norm) == (False, 0.001)
    table = seen.recording.tables["gradient_at_step"].values
    assert table[:, 0] == pytest.approx(0.001, rel=1e-3)


def test_an_optimizer_of_another_network_holds_nothing_of_this_one(loop):
    seen = loop("steps_another")
    assert seen.setup.loop.steps
    assert [one.group for one in seen.setup.parameters] == [-1, -1, -1, -1]
    assert (seen.setup.optimizer.rate, seen.setup.plan.steps) == (0.1, 20)
    assert (seen.recording.lines["optimizer"].line, seen.recording.lines["step"].line) == (9, 15)


def test_an_optimizer_of_a_part_holds_that_part(loop):
    assert [one.group for one in loop("steps_a_part").setup.parameters] == [-1, -1, 0, 0]


def test_gradients_that_are_wanted_for_themselves_are_no_training(watch):
    seen = watch(
        loops.NET
        + """\
for step in range(30):
    row = torch.randn(4, 3, requires_grad=True)
    net(row).sum().backward()
"""
    )
    assert seen.recording.setup is None


def test_every_rate_of_a_schedule_is_known_to_a_hundredth_or_two(loop):
    factors = dict(loop("decayed_slowly").setup.optimizer.schedule)
    now = 1.0
    for step in range(200):
        now = factors.get(step, now)
        assert now == pytest.approx(0.97**step, rel=0.01)


@pytest.mark.parametrize(("name", "every"), [("recreated", 1), ("recreated_each_pass", 4)])
def test_how_often_the_optimizer_is_built_anew(loop, name, every):
    assert loop(name).setup.loop.recreated_every == every


def test_a_schedule_is_recorded_as_factors_on_the_first_rate(loop):
    optimizer = loop("scheduled").setup.optimizer
    assert optimizer.rate == 0.1
    assert optimizer.schedule[0] == (5, 0.5)
    assert optimizer.schedule[-1][1] == pytest.approx(0.5 ** (39 // 5))


def test_parameter_groups_keep_their_rates(loop):
    setup = loop("two_groups").setup
    assert [group["lr"] for group in setup.optimizer.groups] == [0.01, 0.1]
    assert [parameter.group for parameter in setup.parameters] == [0, 0, 1, 1]


def test_two_optimizers_of_one_network_are_groups_of_one(loop):
    setup = loop("two_optimizers").setup
    assert setup.plan.steps == 20
    assert [group["lr"] for group in setup.optimizer.groups] == [0.01, 0.1]
    assert [parameter.group for parameter in setup.parameters] == [0, 0, 1, 1]


def test_parameters_that_no_optimizer_holds_stay_where_they_are(watch):
    source = loops.SEQUENTIAL.replace("SGD(net.parameters()", "SGD(net[2].parameters()")
    seen = watch(source)
    assert [parameter.group for parameter in seen.setup.parameters] == [-1, -1, 0, 0]
    assert differs(seen.recording) is None


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("sequential", ["0.weight", "0.bias", "2.weight", "2.bias"]),
        ("class_loader", ["first.weight", "first.bias", "last.weight", "last.bias"]),
        ("bare", ["W", "b", "v"]),
        ("frozen", ["0.weight", "0.bias", "2.weight", "2.bias"]),
    ],
)
def test_parameters_bear_the_names_that_the_script_gave_them(loop, name, names):
    assert [parameter.name for parameter in loop(name).setup.parameters] == names


@pytest.mark.parametrize(
    ("name", "operations"),
    [
        ("sequential", ["linear", "tanh", "linear", "mse_loss"]),
        ("class_loader", ["linear", "relu", "linear", "mse_loss"]),
        ("bare", ["matmul", "add", "tanh", "matmul", "sub", "__pow__", "mean"]),
        ("embedded", ["embedding", "flatten", "linear", "cross_entropy"]),
        ("recurrent", ["rnn_tanh", "__getitem__", "linear", "mse_loss"]),
    ],
)
def test_the_program_holds_the_operations_from_inputs_to_loss(loop, name, operations):
    assert [op.short for op in loop(name).setup.program.ops] == operations


@pytest.mark.parametrize(
    ("name", "modules"),
    [("sequential", ["0", "1", "2", ""]), ("class_loader", ["first", "", "last", ""])],
)
def test_operations_know_the_module_that_ran_them(loop, name, modules):
    assert [op.module for op in loop(name).setup.program.ops] == modules


def test_inputs_and_targets_are_told_apart(loop):
    setup = loop("two_inputs").setup
    shapes = [setup.data.rows[slot].shape for slot in setup.program.inputs]
    assert shapes == [(24, 2), (24, 1)]
    assert [setup.data.rows[slot].shape for slot in setup.program.targets] == [(24, 1)]


def test_an_autoencoders_target_is_its_input_in_a_slot_of_its_own(loop):
    setup = loop("autoencoder").setup
    (given,), (wanted,) = setup.program.inputs, setup.program.targets
    assert given != wanted
    assert np.array_equal(setup.data.rows[given], setup.data.rows[wanted])


def test_the_prediction_is_what_the_loss_reads(loop):
    program = loop("regularised").setup.program
    (reader,) = [op for op in program.ops if program.prediction in op.slots()]
    assert reader.short == "mse_loss"


def test_double_precision_is_kept(loop):
    setup = loop("double").setup
    assert {str(parameter.start.dtype) for parameter in setup.parameters} == {"float64"}
    assert {str(rows.dtype) for rows in setup.data.rows.values()} == {"float64"}


def test_start_and_end_of_the_weights_differ(loop):
    for parameter in loop("sequential").setup.parameters:
        assert parameter.end is not None
        assert parameter.start.shape == parameter.end.shape
        assert not np.array_equal(parameter.start, parameter.end)


def line_of(source, text):
    return next(i for i, line in enumerate(source.splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "sequential",
            {
                "forward": "net(x)",
                "loss": "net(x)",
                "loss_built": "MSELoss",
                "backward": "backward()",
                "clear": "zero_grad",
                "step": "opt.step()",
                "optimizer": "SGD",
                "seed": "manual_seed",
            },
        ),
        (
            "class_loader",
            {
                "forward": "net(a)",
                "loss": "net(a)",
                "backward": "backward()",
                "clear": "zero_grad",
                "step": "opt.step()",
                "optimizer": "Adam",
                "seed": "manual_seed",
            },
        ),
        (
            "bare",
            {
                "forward": "x @ W",
                "loss": "loss = ",
                "backward": "backward()",
                "step": "backward()",
                "seed": "manual_seed",
            },
        ),
    ],
)
def test_the_lines_of_the_source(loop, name, lines):
    source = loops.LOOPS[name]
    seen = {role: where.line for role, where in loop(name).recording.lines.items()}
    assert seen == {role: line_of(source, text) for role, text in lines.items()}


def test_sites_know_where_their_layers_were_built(loop):
    recording = loop("class_loader").recording
    built = {site.path: site.where.line for site in recording.sites if site.where}
    source = loops.CLASS_LOADER
    assert built["first"] == line_of(source, "self.first")
    assert built["last"] == line_of(source, "self.last")


def test_the_calls_of_a_step_come_in_order(loop):
    calls = [call.what for call in loop("sequential").recording.calls if call.step == 3]
    assert calls == ["clear", "backward", "step"]


def test_what_is_left_of_the_gradient_shows_whether_it_was_cleared(loop):
    cleared = loop("sequential").recording.tables["stale_gradient"].column("gradient")
    never = loop("never_cleared").recording.tables["stale_gradient"].column("gradient")
    assert not cleared.any()
    assert never[0] == 0
    assert (never[1:] > 0.1).all()


def test_accumulated_gradients_are_not_taken_for_stale_ones(loop):
    stale = loop("accumulation").recording.tables["stale_gradient"].column("gradient")
    assert not stale.any()


def test_of_several_trainings_the_last_of_the_longest_is_kept(loop):
    recording = loop("k_fold").recording
    assert recording.trainings == 3
    rows = recording.setup.data.rows[recording.setup.program.inputs[0]]
    torch.manual_seed(3)
    x = torch.randn(24, 3)
    assert np.array_equal(rows, x[torch.arange(24) % 3 != 2].numpy())


def test_a_network_that_is_trained_twice_is_one_training(loop):
    assert loop("same_model_twice").recording.trainings == 1


def test_two_networks_that_take_turns_are_two_trainings_of_which_none_is_blamed(loop):
    recording = loop("gan").recording
    assert recording.trainings == 2
    assert recording.setup is None
    assert not recording.tables["stale_gradient"].column("gradient").any()


def test_losses_of_networks_that_take_turns_are_kept_apart(watch):
    source = loops.GAN.replace("loss_g.backward()", "loss_g.backward(); print(loss_g.item())")
    seen = watch(source.replace("range(20)", "range(60)"))
    printed = [float(line) for line in seen.run.stdout.split()]
    assert losses_of(seen.recording) == pytest.approx(printed)


def test_a_network_that_is_run_row_by_row_within_a_step_has_no_single_prediction(loop):
    recording = loop("summed_batch_loss").recording
    assert recording.setup is None
    assert recording.gaps["setup"].startswith("no single prediction")


def test_evaluation_is_no_training(loop):
    recording = loop("loss_of_eval").recording
    assert recording.trainings == 1
    assert recording.setup.data.count == 24


AFTERWARDS = {
    "other rows": "F.mse_loss(net(x[:3] + 1), y[:3]).backward()",
    "another loss": "net(x).abs().sum().backward()",
    "what the inputs matter": "z = x.clone().requires_grad_(); net(z).sum().backward()",
}


@pytest.mark.parametrize("steps", [8, 20, 30])
@pytest.mark.parametrize("name", AFTERWARDS)
def test_what_is_differentiated_after_the_training_is_no_step(watch, name, steps):
    source = loops.SEQUENTIAL.replace("range(20)", f"range({steps})")
    seen, alone = watch(source + AFTERWARDS[name]), watch(source)
    assert seen.recording.gaps == alone.recording.gaps == {}
    assert losses_of(seen.recording) == losses_of(alone.recording)
    plan = seen.setup.plan
    assert (plan.order, plan.batch, plan.steps) == ("full", 24, steps)
    assert differs(seen.recording) is None


def test_a_script_that_trains_nothing_says_so(watch):
    recording = watch("import torch\nprint(torch.ones(2).sum())").recording
    assert recording.setup is None
    assert recording.gaps["setup"].startswith("no training was seen")


def test_rows_are_not_stored_where_that_is_not_wanted(watch, tmp_path):
    seen = watch(loops.SEQUENTIAL, no_data=True)
    assert seen.setup.data.rows == {}
    stored = np.load(next(tmp_path.rglob("arrays.npz")))
    assert all(stored[name].shape[:1] != (24,) or stored[name].dtype == int for name in stored)
