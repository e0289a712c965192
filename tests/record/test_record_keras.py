"""Keras on torch, recorded as its users write it; each script runs once for all that is asked of it."""

import keras_scripts
import numpy as np
import pytest

from unstuck.record.folder import load
from unstuck.trial.reproduce import differs


@pytest.fixture(scope="module")
def recorded(nursery, tmp_path_factory):
    """Return the recording of one of the scripts, which runs when it is first asked for."""
    known = {}

    def of(name):
        if name not in known:
            folder = tmp_path_factory.mktemp(name.lower())
            run = nursery.run(getattr(keras_scripts, name), folder)
            assert run.code == 0, run.stderr
            assert not (folder / "trouble.log").exists(), (folder / "trouble.log").read_text()
            known[name] = load(folder)
        return known[name]

    return of


def line(name, marker):
    lines = getattr(keras_scripts, name).split("\n")
    return next(number for number, text in enumerate(lines, 1) if marker in text)


def shorts(recording):
    return [op.short for op in recording.setup.program.ops]


@pytest.mark.parametrize("name", ["SEQUENTIAL", "FUNCTIONAL", "SUBCLASSED", "RECURRENT"])
def test_the_recorded_losses_are_repeated(recorded, name):
    recording = recorded(name)
    assert recording.setup is not None, recording.gaps
    assert recording.setup.plan.first
    assert differs(recording) is None


def test_the_framework_is_told(recorded):
    recording = recorded("SEQUENTIAL")
    assert recording.framework == "keras"
    assert {"keras", "torch"} <= recording.versions.keys()


def test_operations_are_told_as_torchs(recorded):
    assert shorts(recorded("SEQUENTIAL")) == [
        "batch_norm", "matmul", "add", "relu", "matmul", "add", "mse_loss",
    ]  # fmt: skip


def test_rows_that_are_held_out_are_no_rows(recorded):
    setup = recorded("SEQUENTIAL").setup
    assert (setup.data.count, setup.data.complete) == (72, True)
    assert (setup.plan.order, setup.plan.batch, setup.plan.steps) == ("epochs", 16, 30)


def test_rows_are_those_in_front_of_a_normalization(recorded):
    setup = recorded("SEQUENTIAL").setup
    assert abs(setup.data.rows[setup.program.inputs[0]].mean() - 3.0) < 0.5


def test_an_optimizer_by_name_has_keras_own_settings(recorded):
    (group,) = recorded("SEQUENTIAL").setup.optimizer.groups
    assert recorded("SEQUENTIAL").setup.optimizer.kind == "Adam"
    assert (group["lr"], group["eps"], group["eps_before_correction"]) == (0.001, 1e-7, True)


def test_weights_are_drawn_as_keras_draws_them(recorded):
    first, bias, *_ = recorded("SEQUENTIAL").setup.parameters
    assert (first.name, first.draws[0].how) == ("dense.kernel", "xavier_uniform")
    assert (bias.name, bias.draws[0].how, bias.draws[0].numbers) == (
        "dense.bias",
        "constant",
        (0.0,),
    )
    assert first.draws == first.usual


def test_another_initializer_is_not_the_usual_one(recorded):
    kernel = next(p for p in recorded("FUNCTIONAL").setup.parameters if p.name == "dense.kernel")
    (draw,) = kernel.draws
    assert (draw.how, draw.fan) == ("fan_normal", 4)
    assert np.isclose(draw.numbers[0], 2**0.5)
    assert kernel.usual[0].how == "xavier_uniform"


def test_lines_are_the_users(recorded):
    lines = {role: where.line for role, where in recorded("SEQUENTIAL").lines.items()}
    fit, compiled = line("SEQUENTIAL", "model.fit"), line("SEQUENTIAL", "model.compile")
    assert (lines["step"], lines["backward"], lines["forward"]) == (fit, fit, fit)
    assert (lines["loss"], lines["optimizer"]) == (compiled, compiled)
    assert lines["seed"] == line("SEQUENTIAL", "set_random_seed")


def test_operations_stand_where_their_layers_are_built(recorded):
    ops = recorded("SEQUENTIAL").setup.program.ops
    assert next(op.line for op in ops if op.short == "relu") == line("SEQUENTIAL", "Dense(8")
    assert ops[-1].line == line("SEQUENTIAL", "model.compile")


def test_probabilities_are_clipped_behind_the_prediction(recorded):
    program = recorded("FUNCTIONAL").setup.program
    made = next(op for op in program.ops if program.prediction in op.outs)
    assert made.short == "sigmoid"
    assert shorts(recorded("FUNCTIONAL"))[-5:] == [
        "clip", "binary_cross_entropy", "mean", "mul", "mean",
    ]  # fmt: skip


def test_weights_of_rows_come_behind_the_targets(recorded):
    setup = recorded("FUNCTIONAL").setup
    target, weight = setup.program.targets
    wanted = np.where(setup.data.rows[target][:, 0] == 1, 3.0, 1.0)
    assert np.array_equal(setup.data.rows[weight], wanted)


def test_a_normalisation_by_the_batch_is_one_operation(recorded):
    names = [
        op.args[5] for op in recorded("FUNCTIONAL").setup.program.ops if op.short == "batch_norm"
    ]
    assert names == [False, True]  # the rescaled rows, and the batch
    held = {parameter.name for parameter in recorded("FUNCTIONAL").setup.parameters}
    assert {"batch_normalization.gamma", "batch_normalization.beta"} <= held
    assert not any("moving" in name for name in held)


def test_gradients_that_are_clipped_one_by_one_are_a_habit_of_the_loop(recorded):
    assert recorded("FUNCTIONAL").setup.loop.clip_each == 0.5


def test_a_training_that_a_callback_ended_has_a_plan(recorded):
    table = recorded("FUNCTIONAL").tables["planned_steps"]
    assert table.at(table.sites[0]) == 9 * 3
    assert table.sites[0].endswith(f":{line('FUNCTIONAL', 'EarlyStopping')}")


def test_a_step_of_the_scripts_own_has_lines_of_its_own(recorded):
    lines = {role: where.line for role, where in recorded("SUBCLASSED").lines.items()}
    assert lines["backward"] == line("SUBCLASSED", "loss.backward()")
    assert lines["step"] == line("SUBCLASSED", "optimizer.apply")
    assert lines["clear"] == line("SUBCLASSED", "zero_grad")
    assert lines["optimizer"] == line("SUBCLASSED", "optimizers.SGD(")


def test_a_schedule_of_the_rate_is_seen(recorded):
    optimizer = recorded("SUBCLASSED").setup.optimizer
    assert optimizer.rate == 0.1
    later = dict(optimizer.schedule)
    assert np.isclose(later[4], 0.5, rtol=1e-3)


def test_classes_from_logits_are_one_operation(recorded):
    assert shorts(recorded("SUBCLASSED"))[-1] == "cross_entropy"
    assert recorded("SUBCLASSED").setup.plan.order == "sequence"


def test_rows_that_a_layer_turns_round_are_followed(recorded):
    setup = recorded("RECURRENT").setup
    assert setup.data.rows[setup.program.inputs[0]].shape == (40, 5, 2)
    assert shorts(recorded("RECURRENT"))[-1] == "huber_loss"
