"""Each rule on both sides of each of its thresholds, and where its fault cannot be present."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
from evidence import (
    SICK,
    asked,
    batched,
    bounded,
    broken,
    cast,
    concealed,
    counted,
    cut_off,
    cut_short,
    decayed,
    dropping,
    filled,
    fixed,
    frozen,
    habits,
    half_there,
    healthy,
    holed,
    imbalanced,
    left_on,
    loud,
    network,
    normalising,
    odd,
    one_dimensional_targets,
    optimizer,
    repeating,
    rippled,
    scheduled,
    seen,
    slipped,
    steps,
    table,
    tailed,
    targets,
    unheld,
    unmet,
)

from unstuck.core.finding import Finding
from unstuck.core.recording import Recording, Table, Where
from unstuck.core.setup import Op, Setup
from unstuck.rules import rule

NAN = math.nan


def judged(name: str, recording: Recording) -> list[Finding]:
    found = rule(name).judge(recording)
    assert isinstance(found, list), found
    return found


def shown(name: str, recording: Recording) -> list[Finding]:
    """What the rule finds by its evidence; hypotheses have none."""
    return [found for found in judged(name, recording) if not found.hypothesis]


def one(name: str, recording: Recording) -> Finding:
    [found] = judged(name, recording)
    return found


def stuck(setup: Setup | None = None, end: float = 0.5) -> Recording:
    return unmet(healthy(setup), end)


def clipped(left: float, **limit: float) -> Recording:
    recording = seen(
        stuck(habits(network(), **limit)), "gradient_after_backward", gradient=(1.0, 1.0)
    )
    return seen(recording, "gradient_at_step", gradient=left)


def momentum(size: float) -> Setup:
    setup = network()
    groups = ({"lr": 0.1, "momentum": size},)
    return dataclasses.replace(setup, optimizer=dataclasses.replace(setup.optimizer, groups=groups))


def normalised_first(setup: Setup) -> Setup:
    program = setup.program
    op = Op("torch.nn.functional.batch_norm", ({"slot": 0},), {}, (20,))
    ops = tuple(
        dataclasses.replace(later, args=({"slot": 20}, *later.args[1:]))
        if 0 in later.slots()
        else later
        for later in program.ops
    )
    return dataclasses.replace(setup, program=dataclasses.replace(program, ops=(op, *ops)))


def inputs(mean: float = 0.0, spread: float = 1.0, other: float = 1.0) -> Recording:
    """Two features; the first has this mean and spread, the second this spread."""
    recording = seen(stuck(), "input_mean", feature_0=mean, feature_1=0.0)
    recording = seen(recording, "input_spread", feature_0=spread, feature_1=other)
    offset = abs(mean) / spread if spread else math.inf
    return seen(recording, "input_offset", feature_0=offset, feature_1=0.0)


def noise(r2: float = 0.0, rows: float = 60, end: float = 1.0) -> Recording:
    recording = seen(stuck(end=end), "signal_r2", linear=-0.1, learner=r2)
    return seen(recording, "rows", rows=rows)


def loaded(setup: Setup, size: float) -> Setup:
    """Weights of this size in layers of torch, which no line of the script filled."""
    parameters = tuple(
        dataclasses.replace(p, filled=(), made=("train.py", 2 + int(p.name[0])))
        for p in filled(setup, size).parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


def ragged(setup: Setup) -> Setup:
    """Weights that the script filled, with numbers that differ."""
    parameters = tuple(
        dataclasses.replace(
            p, start=np.arange(p.start.size, dtype=np.float32).reshape(p.start.shape) ** 2
        )
        for p in filled(setup, 1.0, 2, 4).parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


def floored(floor: float, end: float, goal: float = NAN) -> Recording:
    return seen(stuck(end=end), "ladder", floor=floor, goal=goal)


def shuffled(recording: Recording, count: int) -> Recording:
    """The source brings so many arrays into an order each."""
    places = {f"train.py:{line}": 1.0 for line in range(3, 3 + count)}
    columns = {site: (value, value) for site, value in {"arrays": float(count), **places}.items()}
    return recording.with_tables(table("shuffled_apart", columns))


CROSSED: dict[str, tuple[str, Callable[[], Recording]]] = {
    "three tenths of the loss explained one row further": (
        "labels-misaligned",
        lambda: seen(noise(), "aligned_r2", learner=0.31, now=0.0, rows=1.0),
    ),
    "no signal, and two arrays shuffled": ("labels-misaligned", lambda: shuffled(noise(), 2)),
    "half of the targets explained by a parity": ("hard-target", lambda: odd(0.51)),
    "three quarters of the targets said, and half found": (
        "metric-bug",
        lambda: counted(0.5, 0.75),
    ),
    "a loss just at its goal": ("metric-bug", lambda: counted(0.0, 1.0, end=0.1)),
    "one answer in twenty lost": ("train-eval-mode", lambda: half_there(0.9, 0.96)),
    "three quarters right with all units": ("train-eval-mode", lambda: half_there(0.6, 0.75, 0.1)),
    "evaluation mode from the second step on": ("eval-mode-left-on", lambda: left_on(1)),
    "just more than a third of the rows beyond chance": ("extrapolation", lambda: asked(0.39)),
    "a parity that was nearly learnt by heart": ("hard-target", lambda: odd(end=0.11)),
    "centre five spreads from zero": ("inputs-unscaled", lambda: inputs(mean=5.1)),
    "spread of thirty": ("inputs-unscaled", lambda: inputs(spread=31, other=31)),
    "one feature of two with a spread of three hundredths": (
        "inputs-unscaled",
        lambda: inputs(spread=0.029, other=0.1),
    ),
    "narrow features, one far from zero": (
        "inputs-unscaled",
        lambda: inputs(mean=0.2, spread=0.029, other=0.029),
    ),
    "spread of three hundredths": ("inputs-tiny", lambda: inputs(spread=0.029, other=0.029)),
    "narrow features of unlike size": ("inputs-tiny", lambda: inputs(spread=0.029, other=2e-5)),
    "features a hundredfold apart": ("inputs-unscaled", lambda: inputs(spread=10.1, other=0.1)),
    "targets twenty spreads from zero": (
        "targets-unscaled",
        lambda: targets(stuck(), 20.1, 1.0),
    ),
    "targets with a spread of thirty": ("targets-unscaled", lambda: targets(stuck(), 0.0, 31.0)),
    "targets with a spread of three hundredths": (
        "targets-unscaled",
        lambda: targets(stuck(), 0.0, 0.029),
    ),
    "one target far from all others": ("targets-heavy-tailed", lambda: slipped(stuck(), far=1.0)),
    "half of the squares in a few rows": (
        "targets-heavy-tailed",
        lambda: tailed(stuck(), held=0.51),
    ),
    "inputs that lost half of their variance": (
        "dtype-truncation",
        lambda: cast(stuck(), share=0.51),
    ),
    "targets that are all zero": ("dtype-truncation", lambda: cast(stuck(), slot=1, share=1.0)),
    "one row in ten of the rare class": ("class-imbalance", lambda: imbalanced(0.1)),
    "a third of the rare class recognised": ("class-imbalance", lambda: imbalanced(recall=0.32)),
    "inputs that tell half of a rare class apart": (
        "class-imbalance",
        lambda: seen(imbalanced(), "signal_r2", learner=0.51),
    ),
    "a rare class that half as long again would not teach": (
        "class-imbalance",
        lambda: seen(imbalanced(), "progress", late=0.133),
    ),
    "one row with a hole": ("data-degenerate", lambda: holed(1)),
    "one batch of a loader that holds another row": ("data-degenerate", lambda: repeating(61)),
    "an infinity among the targets": (
        "data-degenerate",
        lambda: holed(1, slot=1, value=float("inf")),
    ),
    "no learner finds a signal": ("noise-floor", lambda: noise(r2=0.019)),
    "fifty rows without a signal": ("noise-floor", lambda: noise(rows=50)),
    "on a floor, no goal beyond it": ("noise-floor", lambda: floored(0.97, 1.01)),
    "on a floor, past its goal": ("noise-floor", lambda: floored(0.11, 0.19, goal=0.2)),
    "two targets for each prediction": (
        "loss-broadcast",
        lambda: seen(healthy(one_dimensional_targets(network())), "loss_pairs", operands=2.0),
    ),
    "one frozen row at the start": (
        "sigmoid-bce-saturation",
        lambda: seen(stuck(network(end="sigmoid")), "sigmoid_exact", prediction=(1 / 60, 0.0)),
    ),
    "one frozen row at the end": (
        "sigmoid-bce-saturation",
        lambda: seen(stuck(network(end="sigmoid")), "sigmoid_exact", prediction=(0.0, 1 / 60)),
    ),
    "a softmax that costs a twentieth": (
        "softmax-before-ce",
        lambda: seen(SICK["softmax-before-ce"](), "squashed_floor", squashed=0.051),
    ),
    "a sigmoid that costs a twentieth": (
        "sigmoid-before-bcewithlogits",
        lambda: seen(SICK["sigmoid-before-bcewithlogits"](), "squashed_floor", squashed=0.051),
    ),
    "scores whose exponentials sum to more than one": (
        "loss-mismatch",
        lambda: seen(stuck(), "loss_fit", logs=0.011),
    ),
    "a loss that is climbed": ("loss-mismatch", lambda: seen(stuck(), "loss_fit", sign=-1.0)),
    "targets beyond one": ("loss-mismatch", lambda: seen(stuck(), "loss_fit", targets=0.01)),
    "two outputs that are each the class number": (
        "loss-mismatch",
        lambda: seen(stuck(), "loss_fit", outputs=2.0),
    ),
    "one class to choose from": ("loss-mismatch", lambda: seen(stuck(), "loss_fit", classes=1.0)),
    "a logarithm of zero": ("nan-loss", broken),
    "a logarithm of less than nothing": ("nan-loss", lambda: broken(lowest=-0.2)),
    "an exponential beyond single precision": (
        "nan-loss",
        lambda: broken("torch.exp", lowest=1.0, highest=89.0),
    ),
    "rows that move others by two thousandths": (
        "wrong-axis",
        lambda: seen(SICK["wrong-axis"](), "rows_mixed", prediction=0.002),
    ),
    "rows that say a fifth of the targets along another axis": (
        "wrong-axis",
        lambda: seen(unmet(healthy()), "reread_r2", learner=0.21, now=0.0, axis=1),
    ),
    "linear to within rounding": (
        "linear-network",
        lambda: seen(stuck(network(activation="")), "nonlinear_share", prediction=9e-7),
    ),
    "half of the units flat at the end": (
        "saturated-units",
        lambda: seen(stuck(network(activation="tanh")), "units_saturated", _0=(0.0, 0.5)),
    ),
    "half of the units off at the end": (
        "dying-relu",
        lambda: seen(stuck(), "units_off", _0=(0.0, 0.5)),
    ),
    "eight units": (
        "too-little-capacity",
        lambda: seen(stuck(network(8)), "rows", rows=5),
    ),
    "as many parameters as target values": (
        "too-little-capacity",
        lambda: seen(stuck(network(16)), "rows", rows=65),
    ),
    "rows merged at the end": (
        "too-little-capacity",
        lambda: seen(seen(stuck(), "rows", rows=5), "collision_floor", _0=(0.0, 0.011)),
    ),
    "rows merged beyond the data's own floor": (
        "too-little-capacity",
        lambda: seen(
            seen(seen(stuck(), "rows", rows=5), "ladder", floor=0.3), "collision_floor", _0=0.32
        ),
    ),
    "three quarters of the units off at the start": (
        "unlucky-init",
        lambda: seen(stuck(), "units_off", _0=(0.75, 0.0)),
    ),
    "rows merged at the start": (
        "unlucky-init",
        lambda: seen(stuck(), "collision_floor", _0=(0.011, 0.0)),
    ),
    "a hundredth of the gradient left over": (
        "missing-zero-grad",
        lambda: seen(healthy(), "stale_gradient", gradient=(0.0, 0.011)),
    ),
    "no gradient left for the update": (
        "zero-grad-misplaced",
        lambda: seen(stuck(), "gradient_at_step", gradient=0.0),
    ),
    "a new velocity every 999 updates": (
        "optimizer-recreated",
        lambda: stuck(habits(momentum(0.9), recreated=True, recreated_every=999)),
    ),
    "a penalty that pulls a tenth as much as the loss": (
        "weight-decay-too-strong",
        lambda: stuck(decayed(0.00125)),
    ),
    "decay that takes half of each weight": (
        "weight-decay-too-strong",
        lambda: stuck(decayed(0.0139, "AdamW")),
    ),
    "three tenths of the rate on average": (
        "schedule-kills-lr",
        lambda: stuck(scheduled((0, 0.1), (4000, 0.9))),
    ),
    "a rate that is gone after a quarter of the run": (
        "schedule-kills-lr",
        lambda: stuck(scheduled((1249, 0.05))),
    ),
    "less than three tenths of the gradient left": (
        "clip-too-tight",
        lambda: clipped(0.29, clip_norm=1.0),
    ),
    "less than three tenths of each number left": (
        "clip-too-tight",
        lambda: clipped(0.29, clip_value=1.0),
    ),
    "passes without an update": (
        "missing-step",
        lambda: stuck(habits(steps(network(), 8), steps=False)),
    ),
    "one bias that no optimizer holds": ("optimizer-wrong-params", lambda: stuck(unheld(5))),
    "a tenth of the planned updates not made": (
        "early-stopping-too-soon",
        lambda: cut_short(5560),
    ),
    "one frozen bias": ("frozen-params", lambda: stuck(frozen(5))),
    "a hidden layer that no gradient reaches": ("graph-detached", lambda: stuck(cut_off())),
    "half of the rows in each batch": ("batch-size-unfit", lambda: stuck(batched(40, 1999))),
    "four rows in each batch, and a loss that swings": (
        "batch-size-unfit",
        lambda: seen(stuck(batched(4, 5000)), "swing", loss=0.11),
    ),
    "a hundredth of the stable rate": (
        "lr-too-small",
        lambda: seen(stuck(), "rate_over_edge", rate=0.009),
    ),
    "adaptive steps of a thousandth": (
        "lr-too-small",
        lambda: seen(stuck(optimizer(network(), "Adam", 1e-4)), "rate_over_edge", rate=0.0009),
    ),
    "sound rate, cut off in full descent": (
        "lr-too-small",
        lambda: seen(stuck(), "progress", late=0.03, total=1.0),
    ),
    "just past the edge": (
        "lr-too-large",
        lambda: seen(stuck(), "rate_over_edge", rate=1.01),
    ),
    "ended above where it began": ("lr-too-large", lambda: stuck(end=1.2)),
    "loss swings by a ninth": ("lr-too-large", lambda: seen(stuck(), "swing", loss=0.11)),
    "less of the gradient than four sigmoids let through": (
        "vanishing-gradients",
        lambda: seen(stuck(), "gradient_kept", _0=0.0039),
    ),
    "waves that explain half of the unseen targets": (
        "spectral-bias",
        lambda: rippled(explained=(0.4, 0.51)),
    ),
    "waves of three cycles": ("spectral-bias", lambda: rippled(cycles=(3.0, 3.0))),
    "waves of three cycles on average": (
        "spectral-bias",
        lambda: rippled(explained=(0.45, 0.9), cycles=(1.0, 5.1)),
    ),
    "a smooth curve that explains nearly half of what waves do": (
        "spectral-bias",
        lambda: rippled(smooth=0.44),
    ),
    "a tenth of what predictions vary by dropped at random": (
        "dropout-too-strong",
        lambda: seen(stuck(dropping(0.5)), "dropout_noise", prediction=0.11),
    ),
    "a tenth of what predictions vary by due to the batch": (
        "batchnorm-misuse",
        lambda: seen(stuck(normalising(8)), "norms", noise=0.11),
    ),
    "fixed statistics that leave more than five spreads": (
        "batchnorm-misuse",
        lambda: fixed(offset=5.1),
    ),
    "fixed statistics that leave a spread of more than thirty": (
        "batchnorm-misuse",
        lambda: fixed(widest=30.5),
    ),
    "fixed statistics that leave a spread of less than three hundredths": (
        "batchnorm-misuse",
        lambda: fixed(narrowest=0.029),
    ),
    "a layer in a list": ("params-not-registered", lambda: stuck(concealed(network()))),
    "sums of more than five": ("bad-init-scale", lambda: loud(5.1)),
    "rows that hardly differ": (
        "bad-init-scale",
        lambda: seen(unmet(healthy(filled(network(), 0.01))), "signal_spread", _0=(0.0009, 0.5)),
    ),
    "a bias of more than three": (
        "bad-init-scale",
        lambda: seen(unmet(healthy(filled(network(), 3.1, 3))), "signal", _0=(5.1, 0.8)),
    ),
    "more than half of the units equal": (
        "symmetric-init",
        lambda: seen(unmet(healthy(filled(network(), 1.0))), "units_equal", _0=0.51),
    ),
    "a hundredth of the loss out of reach": (
        "missing-output-match",
        lambda: bounded("relu", 0.011),
    ),
    "fewer than two thousand steps": ("too-few-steps", lambda: stuck(steps(network(), 1999))),
    "a goal that was just missed": (
        "too-few-steps",
        lambda: stuck(steps(network(), 20), end=0.101),
    ),
    "long, cut off in full descent": (
        "too-few-steps",
        lambda: seen(stuck(), "progress", late=0.03, total=1.0),
    ),
}

SILENT: dict[str, tuple[str, Callable[[], Recording]]] = {
    "less than three tenths explained at the best shift": (
        "labels-misaligned",
        lambda: seen(noise(), "aligned_r2", learner=0.29, now=0.0, rows=1.0),
    ),
    "no signal, and one array shuffled": ("labels-misaligned", lambda: shuffled(noise(), 1)),
    "a signal, and two arrays shuffled": (
        "labels-misaligned",
        lambda: shuffled(unmet(healthy()), 2),
    ),
    "no signal where two arrays were shuffled": ("noise-floor", lambda: shuffled(noise(), 2)),
    "no shift that stands out": ("labels-misaligned", noise),
    "less than half explained by a parity": ("hard-target", lambda: odd(0.49)),
    "a fifth of the targets not found": ("metric-bug", lambda: counted(0.8, 1.0)),
    "outputs that say hardly more than chance": ("metric-bug", lambda: counted(0.0, 0.74)),
    "one answer in fifty lost": ("train-eval-mode", lambda: half_there(0.94, 0.96)),
    "a network that is hardly right anyway": ("train-eval-mode", lambda: half_there(0.5, 0.74)),
    "a loss above its goal": ("train-eval-mode", lambda: half_there(0.6, 0.9, 0.11)),
    "a third of the rows beyond chance": ("extrapolation", lambda: asked(0.38)),
    "rows that chance alone puts there": ("extrapolation", lambda: asked(0.9, 0.6)),
    "a network that learned nothing is asked": ("extrapolation", lambda: asked(0.9, end=0.11)),
    "training mode up to the end": ("eval-mode-left-on", lambda: left_on(0)),
    "a number that is too good": ("metric-bug", lambda: counted(1.0, 0.8)),
    "a network that has not learned": ("metric-bug", lambda: counted(0.0, 1.0, end=0.11)),
    "a parity that was learnt": ("hard-target", lambda: odd(end=0.09)),
    "a signal that is a parity": ("noise-floor", odd),
    "a signal that a shift reveals": (
        "noise-floor",
        lambda: seen(noise(), "aligned_r2", learner=0.9, now=0.0, rows=1.0),
    ),
    "nothing but narrow features": (
        "inputs-unscaled",
        lambda: inputs(spread=0.029, other=2e-5),
    ),
    "a spread above three hundredths": ("inputs-tiny", lambda: inputs(spread=0.031, other=0.02)),
    "narrow features far from zero": (
        "inputs-tiny",
        lambda: inputs(mean=0.2, spread=0.029, other=0.029),
    ),
    "narrow features that a normalisation meets first": (
        "inputs-tiny",
        lambda: dataclasses.replace(
            inputs(spread=0.01, other=0.01), setup=normalised_first(network())
        ),
    ),
    "narrow features of a run that learned": (
        "inputs-tiny",
        lambda: seen(healthy(), "input_spread", feature_0=0.01, feature_1=0.01),
    ),
    "less than half of the squares in a few rows": (
        "targets-heavy-tailed",
        lambda: tailed(stuck(), held=0.49),
    ),
    "a heavy tail that is judged by squares": (
        "targets-heavy-tailed",
        lambda: tailed(stuck(), by=NAN),
    ),
    "far targets that the run is judged by": (
        "targets-heavy-tailed",
        lambda: slipped(stuck(), far=NAN),
    ),
    "far targets that were learned": ("targets-heavy-tailed", lambda: slipped(healthy())),
    "a heavy tail that was learned": ("targets-heavy-tailed", lambda: tailed(healthy())),
    "whole numbers that keep half of the variance": (
        "dtype-truncation",
        lambda: cast(stuck(), share=0.49),
    ),
    "whole numbers from which was learned": ("dtype-truncation", lambda: cast(healthy())),
    "rows with holes and a loss that is a number": ("data-degenerate", lambda: holed(end=0.5)),
    "a class that is not rare": ("class-imbalance", lambda: imbalanced(0.11)),
    "a rare class that is recognised": ("class-imbalance", lambda: imbalanced(recall=0.33)),
    "inputs that hardly tell a rare class apart": (
        "class-imbalance",
        lambda: seen(imbalanced(), "signal_r2", learner=0.5),
    ),
    "a rare class that is learnt in half the time again": (
        "class-imbalance",
        lambda: seen(imbalanced(), "progress", late=0.134),
    ),
    "a rare class of a run that learned": (
        "class-imbalance",
        lambda: seen(healthy(), "rare_class", share=0.02, recall=0.0),
    ),
    "one batch that is all of the loader": ("data-degenerate", lambda: repeating(60)),
    "one batch from which all rows were learned": (
        "data-degenerate",
        lambda: repeating(end=0.01),
    ),
    "rows with holes that do no harm": (
        "data-degenerate",
        lambda: seen(holed(), "holes", inputs=NAN),
    ),
    "a loss that became no number by itself": (
        "data-degenerate",
        lambda: unmet(healthy(), NAN),
    ),
    "targets within twenty spreads": (
        "targets-unscaled",
        lambda: targets(stuck(), 19.9, 1.0),
    ),
    "targets with a spread below thirty": ("targets-unscaled", lambda: targets(stuck(), 0.0, 29.0)),
    "targets that never vary": (
        "targets-unscaled",
        lambda: seen(targets(stuck(), 50.0, 1.0), "target_spread", target_0=0.0),
    ),
    "far targets that were reached": (
        "targets-unscaled",
        lambda: targets(healthy(), 6771.0, 4.0),
    ),
    "centre within five spreads": ("inputs-unscaled", lambda: inputs(mean=4.9)),
    "spread below thirty": ("inputs-unscaled", lambda: inputs(spread=29, other=29)),
    "spread above three hundredths": ("inputs-unscaled", lambda: inputs(spread=0.031, other=0.031)),
    "features less than a hundredfold apart": (
        "inputs-unscaled",
        lambda: inputs(spread=9.9, other=0.1),
    ),
    "a feature that never varies": ("inputs-unscaled", lambda: inputs(mean=7, spread=0)),
    "a network that normalises its inputs": (
        "inputs-unscaled",
        lambda: dataclasses.replace(inputs(mean=50), setup=normalised_first(network())),
    ),
    "a weak signal": ("noise-floor", lambda: noise(r2=0.021)),
    "too few rows to tell": ("noise-floor", lambda: noise(rows=49)),
    "learnt although learners fail": ("noise-floor", lambda: noise(end=0.05)),
    "a floor that is next to nothing": ("noise-floor", lambda: floored(0.09, 0.09)),
    "above the floor, no goal beyond it": ("noise-floor", lambda: floored(0.90, 0.96)),
    "short of the goal above a floor": ("noise-floor", lambda: floored(0.3, 0.34, goal=0.33)),
    "one target for each prediction": (
        "loss-broadcast",
        lambda: seen(stuck(), "loss_pairs", operands=1.0),
    ),
    "a sigmoid within the layers only": (
        "sigmoid-bce-saturation",
        lambda: seen(stuck(network(activation="sigmoid")), "sigmoid_exact", prediction=0.5),
    ),
    "a sigmoid read by another loss": (
        "sigmoid-bce-saturation",
        lambda: seen(
            stuck(network(end="sigmoid", loss="mse_loss")), "sigmoid_exact", prediction=0.5
        ),
    ),
    "a softmax that costs next to nothing": (
        "softmax-before-ce",
        lambda: seen(SICK["softmax-before-ce"](), "squashed_floor", squashed=0.549, free=0.5),
    ),
    "a sigmoid in front of yes and no": ("softmax-before-ce", SICK["sigmoid-before-bcewithlogits"]),
    "a softmax in front of classes": ("sigmoid-before-bcewithlogits", SICK["softmax-before-ce"]),
    "a sigmoid that costs next to nothing": (
        "sigmoid-before-bcewithlogits",
        lambda: seen(SICK["sigmoid-before-bcewithlogits"](), "squashed_floor", squashed=0.049),
    ),
    "logarithms of shares": ("loss-mismatch", lambda: seen(stuck(), "loss_fit", logs=0.009)),
    "a loss that is descended": ("loss-mismatch", lambda: seen(stuck(), "loss_fit", sign=1.0)),
    "targets of no and yes": ("loss-mismatch", lambda: seen(stuck(), "loss_fit", targets=0.0009)),
    "one output that is a number": (
        "loss-mismatch",
        lambda: seen(stuck(), "loss_fit", outputs=1.0),
    ),
    "two classes to choose from": (
        "loss-mismatch",
        lambda: seen(stuck(), "loss_fit", classes=2.0),
    ),
    "a logarithm of a small number": ("nan-loss", lambda: broken(lowest=1e-20)),
    "an exponential within single precision": (
        "nan-loss",
        lambda: broken("torch.exp", lowest=1.0, highest=88.0),
    ),
    "a product that overflows": ("nan-loss", lambda: broken("torch.mul")),
    "rows that move others by rounding": (
        "wrong-axis",
        lambda: seen(SICK["wrong-axis"](), "rows_mixed", prediction=0.0009),
    ),
    "rows that say less than a fifth along another axis": (
        "wrong-axis",
        lambda: seen(unmet(healthy()), "reread_r2", learner=0.19, now=0.0, axis=1),
    ),
    "rows mixed by nothing that has an axis": (
        "wrong-axis",
        lambda: seen(SICK["wrong-axis"](), "rows_mixed", slot=NAN, dim=NAN),
    ),
    "bends beyond rounding": (
        "linear-network",
        lambda: seen(stuck(network(activation="")), "nonlinear_share", prediction=2e-6),
    ),
    "an activation that happens not to bend": (
        "linear-network",
        lambda: seen(stuck(network()), "nonlinear_share", prediction=1e-12),
    ),
    "a line was all that was asked": (
        "linear-network",
        lambda: seen(healthy(network(activation="")), "nonlinear_share", prediction=1e-12),
    ),
    "fewer than half of the units flat": (
        "saturated-units",
        lambda: seen(stuck(network(activation="tanh")), "units_saturated", _0=0.49),
    ),
    "flat units of another kind": (
        "saturated-units",
        lambda: seen(stuck(network()), "units_saturated", _0=1.0),
    ),
    "a saturated output": (
        "saturated-units",
        lambda: seen(stuck(network(end="sigmoid")), "units_saturated", _2=1.0),
    ),
    "fewer than half of the units off": (
        "dying-relu",
        lambda: seen(stuck(), "units_off", _0=0.49),
    ),
    "units that were off and came back": (
        "dying-relu",
        lambda: seen(stuck(), "units_off", _0=(1.0, 0.0)),
    ),
    "units off that leak": (
        "dying-relu",
        lambda: seen(stuck(network(activation="leaky_relu")), "units_off", _0=1.0),
    ),
    "waves that explain less than half of the unseen targets": (
        "spectral-bias",
        lambda: rippled(explained=(0.4, 0.49)),
    ),
    "waves of less than three cycles": ("spectral-bias", lambda: rippled(cycles=(2.9, 2.9))),
    "a slow wave that explains most, and a fast one that hardly does": (
        "spectral-bias",
        lambda: rippled(explained=(0.8, 0.9), cycles=(1.0, 9.0)),
    ),
    "a smooth curve that explains more than half of what waves do": (
        "spectral-bias",
        lambda: rippled(smooth=0.46),
    ),
    "waves that were learned": ("spectral-bias", lambda: rippled(end=0.01)),
    "nine units and parameters to spare": (
        "too-little-capacity",
        lambda: seen(stuck(network(9)), "rows", rows=5),
    ),
    "a narrow network that learned": ("too-little-capacity", lambda: healthy(network(2))),
    "rows as merged as the data": (
        "too-little-capacity",
        lambda: seen(
            seen(seen(stuck(), "rows", rows=5), "ladder", floor=0.3), "collision_floor", _0=0.305
        ),
    ),
    "fewer than three quarters off at the start": (
        "unlucky-init",
        lambda: seen(stuck(), "units_off", _0=(0.74, 1.0)),
    ),
    "rows merged later on": (
        "unlucky-init",
        lambda: seen(stuck(), "collision_floor", _0=(0.009, 1.0)),
    ),
    "a bad start that learned": (
        "unlucky-init",
        lambda: seen(healthy(), "units_off", _0=(1.0, 0.0)),
    ),
    "less than a hundredth of the gradient left over": (
        "missing-zero-grad",
        lambda: seen(healthy(), "stale_gradient", gradient=(0.0, 0.009)),
    ),
    "something left over at the first step only": (
        "missing-zero-grad",
        lambda: seen(healthy(), "stale_gradient", gradient=(1.0, 0.0)),
    ),
    "a gradient clipped hard": (
        "zero-grad-misplaced",
        lambda: seen(stuck(), "gradient_at_step", gradient=1e-5),
    ),
    "no gradient to begin with": (
        "zero-grad-misplaced",
        lambda: seen(
            seen(stuck(), "gradient_at_step", gradient=0.0), "gradient_after_backward", gradient=0.0
        ),
    ),
    "a new velocity every 1000 updates": (
        "optimizer-recreated",
        lambda: stuck(habits(momentum(0.9), recreated=True, recreated_every=1000)),
    ),
    "one optimizer from the first update to the last": (
        "optimizer-recreated",
        lambda: stuck(momentum(0.9)),
    ),
    "a new optimizer that would remember nothing": (
        "optimizer-recreated",
        lambda: stuck(habits(network(), recreated=True)),
    ),
    "a new optimizer at each update of a run that learned": (
        "optimizer-recreated",
        lambda: healthy(habits(momentum(0.9), recreated=True)),
    ),
    "a penalty that pulls less than a tenth as much as the loss": (
        "weight-decay-too-strong",
        lambda: stuck(decayed(0.00123)),
    ),
    "decay that leaves more than half of each weight": (
        "weight-decay-too-strong",
        lambda: stuck(decayed(0.0138, "AdamW")),
    ),
    "a strong penalty on a run that learned": (
        "weight-decay-too-strong",
        lambda: healthy(decayed(0.1)),
    ),
    "no penalty": ("weight-decay-too-strong", lambda: stuck(decayed(0.0))),
    "no schedule": ("schedule-kills-lr", stuck),
    "a straight line to nothing": (
        "schedule-kills-lr",
        lambda: stuck(scheduled(*((step, 1 - step / 5000) for step in range(5000)))),
    ),
    "a third of the largest rate, which is not the first": (
        "schedule-kills-lr",
        lambda: stuck(scheduled((0, 0.1), (3800, 0.9))),
    ),
    "a warm-up": ("schedule-kills-lr", lambda: stuck(scheduled((50, 10.0)))),
    "three tenths of the rate and a little more": (
        "schedule-kills-lr",
        lambda: stuck(scheduled((1600, 0.01))),
    ),
    "a schedule that begins after the last step": (
        "schedule-kills-lr",
        lambda: stuck(scheduled((5000, 100.0), (6000, 1.0))),
    ),
    "a rate that was gone when all was learned": (
        "schedule-kills-lr",
        lambda: healthy(scheduled((100, 0.01))),
    ),
    "more than three tenths of the gradient left": (
        "clip-too-tight",
        lambda: clipped(0.31, clip_norm=1.0),
    ),
    "a gradient that is cut by no limit that is known": ("clip-too-tight", lambda: clipped(0.01)),
    "clipped hard, and learned": (
        "clip-too-tight",
        lambda: seen(
            healthy(habits(network(), clip_norm=0.01)), "gradient_at_step", gradient=0.001
        ),
    ),
    "updates that follow": ("missing-step", stuck),
    "no update, and nothing left to learn": (
        "missing-step",
        lambda: healthy(habits(network(), steps=False)),
    ),
    "an optimizer that holds everything": ("optimizer-wrong-params", stuck),
    "a part left as it is in a network that learned": (
        "optimizer-wrong-params",
        lambda: healthy(unheld(2, 3)),
    ),
    "nine tenths of the planned updates": ("early-stopping-too-soon", lambda: cut_short(5550)),
    "a loop that ended early at its goal": (
        "early-stopping-too-soon",
        lambda: cut_short(end=0.05),
    ),
    "weights that all take gradients": ("frozen-params", stuck),
    "a frozen layer in a network that learned": ("frozen-params", lambda: healthy(frozen(2, 3))),
    "frozen weights that no optimizer holds": (
        "optimizer-wrong-params",
        lambda: stuck(frozen(2, 3, group=-1)),
    ),
    "gradients that reach everything": ("graph-detached", stuck),
    "a part that is cut off in a network that learned": (
        "graph-detached",
        lambda: healthy(cut_off()),
    ),
    "a part that is cut off and frozen besides": (
        "graph-detached",
        lambda: stuck(frozen(2, 3, setup=cut_off())),
    ),
    "less than half of the rows in each batch": (
        "batch-size-unfit",
        lambda: stuck(batched(29, 40)),
    ),
    "two thousand updates by large batches": (
        "batch-size-unfit",
        lambda: stuck(batched(60, 2000)),
    ),
    "no batches at all": ("batch-size-unfit", lambda: stuck(batched(60, 40, "full"))),
    "small batches and a quiet loss": (
        "batch-size-unfit",
        lambda: seen(stuck(batched(4, 5000)), "swing", loss=0.09),
    ),
    "five rows in each batch": (
        "batch-size-unfit",
        lambda: seen(stuck(batched(5, 5000)), "swing", loss=0.5),
    ),
    "large batches that sufficed": ("batch-size-unfit", lambda: healthy(batched(60, 40))),
    "more than a hundredth of the stable rate": (
        "lr-too-small",
        lambda: seen(stuck(), "rate_over_edge", rate=0.011),
    ),
    "adaptive steps of more than a thousandth": (
        "lr-too-small",
        lambda: seen(stuck(optimizer(network(), "Adam", 1e-4)), "rate_over_edge", rate=0.0011),
    ),
    "no gradient that a rate could enlarge": (
        "lr-too-small",
        lambda: seen(stuck(), "rate_over_edge", rate=0.0),
    ),
    "a tiny rate that sufficed": (
        "lr-too-small",
        lambda: seen(healthy(), "rate_over_edge", rate=1e-5),
    ),
    "a descent that has settled": (
        "lr-too-small",
        lambda: seen(stuck(), "progress", late=0.01, total=1.0),
    ),
    "just inside the edge": ("lr-too-large", lambda: seen(stuck(), "rate_over_edge", rate=0.99)),
    "ended about where it began": ("lr-too-large", lambda: stuck(end=1.12)),
    "loss swings by less than a tenth": (
        "lr-too-large",
        lambda: seen(stuck(), "swing", loss=0.09),
    ),
    "past the edge, and learned": (
        "lr-too-large",
        lambda: seen(seen(healthy(), "rate_over_edge", rate=2.0), "swing", loss=1.0),
    ),
    "what four sigmoids let through": (
        "vanishing-gradients",
        lambda: seen(stuck(), "gradient_kept", _0=0.0040),
    ),
    "no gradient at all": ("vanishing-gradients", lambda: seen(stuck(), "gradient_kept", _0=0.0)),
    "a faint gradient of a network that learned": (
        "vanishing-gradients",
        lambda: seen(healthy(), "gradient_kept", _0=1e-4),
    ),
    "a faint gradient through an activation without a scheme": (
        "vanishing-gradients",
        lambda: seen(stuck(network(activation="sin")), "gradient_kept", _0=1e-4),
    ),
    "less than a tenth of what predictions vary by": (
        "dropout-too-strong",
        lambda: seen(stuck(dropping(0.5)), "dropout_noise", prediction=0.09),
    ),
    "strong dropout, and learned": (
        "dropout-too-strong",
        lambda: seen(healthy(dropping(0.9)), "dropout_noise", prediction=0.6),
    ),
    "less than a tenth of what predictions vary by due to the batch": (
        "batchnorm-misuse",
        lambda: seen(stuck(normalising(8)), "norms", noise=0.09),
    ),
    "batches of two that learned": (
        "batchnorm-misuse",
        lambda: seen(healthy(normalising(2)), "norms", noise=0.5),
    ),
    "fixed statistics that are nearly the data's": (
        "batchnorm-misuse",
        lambda: fixed(offset=4.9, widest=29.5, narrowest=0.031),
    ),
    "what fixed statistics leave after the training": (
        "batchnorm-misuse",
        lambda: fixed(offset=(1.0, 9.0), widest=(1.0, 90.0), narrowest=(1.0, 0.001)),
    ),
    "a layer in a list whose parameters the optimizer holds": (
        "params-not-registered",
        lambda: stuck(concealed(network(), group=0)),
    ),
    "a layer that the optimizer does not hold, but could": (
        "params-not-registered",
        lambda: stuck(unheld(0, 1)),
    ),
    "a layer in a list of a network that learned": (
        "params-not-registered",
        lambda: healthy(concealed(network())),
    ),
    "sums of less than five": ("bad-init-scale", lambda: loud(4.9)),
    "sums of less than five times the default": (
        "bad-init-scale",
        lambda: seen(loud(20.0), "signal", _0=(20.0, 4.1)),
    ),
    "large sums from weights of the usual size": (
        "bad-init-scale",
        lambda: seen(unmet(healthy(filled(network(), 1.6))), "signal", _0=(20.0, 0.8)),
    ),
    "large sums from values that were loaded": (
        "bad-init-scale",
        lambda: seen(unmet(healthy(loaded(network(), 9.0))), "signal", _0=(20.0, 0.8)),
    ),
    "rows that differ a little": (
        "bad-init-scale",
        lambda: seen(unmet(healthy(filled(network(), 0.01))), "signal_spread", _0=(0.0011, 0.5)),
    ),
    "a last layer that begins at zero": (
        "bad-init-scale",
        lambda: seen(unmet(healthy(filled(network(), 0.0, 4))), "signal_spread", _2=(0.0, 0.5)),
    ),
    "a large start that learned": (
        "bad-init-scale",
        lambda: seen(loud(20.0), "ladder", end=0.01),
    ),
    "half of the units equal": (
        "symmetric-init",
        lambda: seen(unmet(healthy(filled(network(), 1.0))), "units_equal", _0=0.5),
    ),
    "units that were equal at first only": (
        "symmetric-init",
        lambda: seen(unmet(healthy(filled(network(), 1.0))), "units_equal", _0=(1.0, 0.0)),
    ),
    "equal units that learned": (
        "symmetric-init",
        lambda: seen(healthy(filled(network(), 1.0)), "units_equal", _0=1.0),
    ),
    "equal units with weights that differ": (
        "symmetric-init",
        lambda: seen(unmet(healthy(ragged(network()))), "units_equal", _0=1.0),
    ),
    "less than a hundredth of the loss out of reach": (
        "missing-output-match",
        lambda: bounded("relu", 0.009),
    ),
    "a bounded network that learned": (
        "missing-output-match",
        lambda: seen(bounded("relu"), "ladder", end=0.01),
    ),
    "an output without an activation": (
        "missing-output-match",
        lambda: seen(stuck(), "out_of_reach", share=0.5),
    ),
    "two thousand steps and settled": ("too-few-steps", lambda: stuck(steps(network(), 2000))),
    "few steps that sufficed": ("too-few-steps", lambda: healthy(steps(network(), 20))),
    "a goal that was just met": (
        "too-few-steps",
        lambda: stuck(steps(network(), 20), end=0.1),
    ),
    "no goal that more steps could reach": (
        "too-few-steps",
        lambda: seen(stuck(steps(network(), 20)), "ladder", goal=NAN),
    ),
}


@pytest.mark.parametrize("case", CROSSED, ids=lambda case: f"{CROSSED[case][0]}: {case}")
def test_it_fires_where(case: str) -> None:
    name, recording = CROSSED[case]
    assert shown(name, recording())


@pytest.mark.parametrize("case", SILENT, ids=lambda case: f"{SILENT[case][0]}: {case}")
def test_it_is_silent_for(case: str) -> None:
    name, recording = SILENT[case]
    assert shown(name, recording()) == []


def test_every_rule_is_tried_on_both_sides() -> None:
    names = set(SICK)
    assert {name for name, _ in CROSSED.values()} == names
    assert {name for name, _ in SILENT.values()} == names


def test_a_rate_that_looks_right_is_offered_as_a_hypothesis_where_the_goal_was_missed() -> None:
    looks_right = one("lr-too-small", stuck())
    assert looks_right.hypothesis
    assert len(looks_right.remedies) == len(one("lr-too-small", SICK["lr-too-small"]()).remedies)
    assert judged("lr-too-small", healthy()) == []


def test_no_other_rule_offers_hypotheses() -> None:
    names = {name for name in SICK if any(found.hypothesis for found in judged(name, stuck()))}
    assert names == {"lr-too-small"}


def test_saturation_is_explained_by_unscaled_inputs_where_they_are() -> None:
    raw = dataclasses.replace(inputs(mean=92.6, spread=7.5), setup=network(activation="sigmoid"))
    raw = seen(raw, "units_saturated", _0=1.0)
    assert one("saturated-units", raw).explained_by == "inputs-unscaled"
    assert one("saturated-units", SICK["saturated-units"]()).explained_by is None


def test_a_gradient_that_the_scripts_own_weights_swallow_is_explained_by_them() -> None:
    faint = seen(stuck(filled(network(), 0.01)), "gradient_kept", _0=1e-4)
    assert one("vanishing-gradients", faint).explained_by == "bad-init-scale"
    assert one("vanishing-gradients", SICK["vanishing-gradients"]()).explained_by == (
        "saturated-units"
    )


def test_saturation_is_told_with_the_units_and_when() -> None:
    early = one("saturated-units", SICK["saturated-units"]())
    assert "16 of the 16 sigmoid units of layer 0" in early.message
    assert "before the first step" in early.message
    late = seen(SICK["saturated-units"](), "units_saturated", _0=(0.0, 0.75))
    assert "12 of the 16" in one("saturated-units", late).message
    assert "at the end" in one("saturated-units", late).message


def test_a_dead_layer_weighs_more_than_half_of_one() -> None:
    half = one("dying-relu", seen(stuck(), "units_off", _0=0.5))
    whole = one("dying-relu", seen(stuck(), "units_off", _0=1.0))
    assert (half.severity, whole.severity) == ("medium", "high")
    assert half.confidence < whole.confidence


def test_a_line_that_would_do_makes_a_linear_network_unlikely_to_be_the_fault() -> None:
    sick = SICK["linear-network"]()
    assert one("linear-network", sick).confidence > 0.9
    assert one("linear-network", seen(sick, "ladder", linear=0.05)).confidence < 0.5


def test_the_unscaled_feature_is_named_with_its_numbers() -> None:
    message = one("inputs-unscaled", inputs(mean=1960, spread=35)).message
    assert "feature 0 (mean 1960, spread 35) lies 56 times its own spread away from zero" in message
    assert "feature 1" not in message


def test_a_loss_that_is_no_number_is_the_rates_fault_whatever_the_edge_says() -> None:
    broken = seen(seen(stuck(), "loss", loss=(1.0, NAN)), "ladder", end=NAN)
    broken = seen(broken, "rate_over_edge", rate=NAN)
    assert "no longer a number" in one("lr-too-large", broken).message
    assert one("lr-too-large", broken).severity == "high"


def test_the_operation_and_what_it_was_given_are_named_with_the_step() -> None:
    found = one("nan-loss", broken(lowest=-0.25))
    assert "from step 0 on" in found.message
    assert "log is given -0.25, for which it has no value" in found.message


def test_a_root_of_zero_has_no_gradient() -> None:
    message = one("nan-loss", broken("torch.sqrt", backward=1.0)).message
    assert "sqrt is given 0, for which it has no gradient" in message


def test_the_usual_left_over_is_reported_and_not_the_largest() -> None:
    values = table("stale_gradient", {"gradient": (0.0, 1.0)})
    many = dataclasses.replace(
        values, steps=(0, 1, 2, 3), values=values.values[[0, 1, 1, 1]] * [[1], [1], [2], [90]]
    )
    message = one("missing-zero-grad", healthy().with_tables(many)).message
    assert "2 times" in message


def test_shapes_are_told_of_one_batch() -> None:
    message = one("loss-broadcast", SICK["loss-broadcast"]()).message
    assert "(60, 1) against (60,)" in message
    column = seen(stuck(), "loss_pairs", operands=60.0)
    assert "(60,) against (60, 1)" in one("loss-broadcast", column).message


def test_clearing_is_judged_by_its_effect_and_not_by_the_loops_habits() -> None:
    named = healthy(habits(network(), clears="never"))
    assert judged("missing-zero-grad", named) == []


def test_an_output_whose_goal_is_out_of_reach_is_surer_than_one_that_is_only_hindered() -> None:
    far, near = (
        one("missing-output-match", bounded("tanh")),
        one("missing-output-match", bounded("tanh", 0.05)),
    )
    assert (far.severity, near.severity) == ("high", "medium")
    assert far.confidence > near.confidence
    assert "at least -1 and at most 1" in far.message
    assert "40% of the target values" in far.message


def test_hidden_numbers_are_counted_among_all_that_the_loss_depends_on() -> None:
    message = one("params-not-registered", stuck(concealed(network()))).message
    assert message.startswith("48 of the 65 numbers") and "in layers:" in message


def test_frozen_weights_that_were_learnt_are_less_suspicious_than_drawn_ones() -> None:
    learnt = one("frozen-params", stuck(frozen(2, 3, how="keep")))
    drawn = one("frozen-params", stuck(frozen(2, 3)))
    assert learnt.confidence < drawn.confidence


def test_a_loop_that_was_ended_explains_its_few_steps() -> None:
    assert one("too-few-steps", stuck(steps(network(), 20))).explained_by == (
        "early-stopping-too-soon"
    )


def test_a_loop_that_was_ended_while_the_loss_fell_is_more_suspicious() -> None:
    falling = seen(cut_short(), "progress", late=0.02, total=0.1)
    assert one("early-stopping-too-soon", falling).confidence > (
        one("early-stopping-too-soon", cut_short()).confidence
    )


def test_a_wrong_number_is_told_beside_the_right_one_with_the_mistake() -> None:
    [found] = judged("metric-bug", counted(0.1, 0.98))
    assert "finds 10.0% equal" in found.message and "agree with 98.0%" in found.message
    assert "argmax(1)" in found.message
    assert (found.where, found.answer) == (Where("train.py", 90), True)


def test_of_a_regression_the_variance_is_told() -> None:
    [found] = judged("metric-bug", counted(0.0, 0.98, "floats"))
    assert "explain 98.0% of the variance" in found.message


def test_of_several_wrong_lines_the_worst_is_told_with_the_numbers_of_all() -> None:
    sites = ("train.py:80 threshold", "train.py:90 values", "train.py:95 raw")
    both = Table("compared", (0, 1), sites, np.array([[0.4, 0.1, 0.9], [1.0, 1.0, 1.0]]))
    [found] = judged("metric-bug", healthy().with_tables(both))
    assert found.where == Where("train.py", 90)
    assert [one.site for one in found.evidence] == ["line 90", "line 80"]


def test_of_several_lines_the_one_that_lost_most_is_told() -> None:
    sites = ("train.py:80", "train.py:90")
    both = Table("dropped_answers", (0, 1), sites, np.array([[0.9, 0.7], [1.0, 0.9]]))
    [found] = judged("train-eval-mode", healthy().with_tables(both))
    assert found.where == Where("train.py", 90)
    assert "70.0% of these answers" in found.message and "on 90.0%" in found.message


def test_what_evaluation_mode_put_out_of_action_is_named() -> None:
    [dropping] = judged("eval-mode-left-on", left_on(9))
    assert dropping.where == Where("train.py", 61)
    assert dropping.message.endswith("from then on: nothing is dropped")
    [normalised] = judged("eval-mode-left-on", left_on(9, normalising(30)))
    assert normalised.message.endswith(
        "from then on: BatchNorm goes by what the first updates gathered"
    )
    assert "by step 9 of 900" in normalised.message


def test_rows_beyond_the_training_are_told_with_both_ranges() -> None:
    first = asked(0.5)
    both = first.with_tables(
        Table(
            "asked_beyond",
            (0,),
            (
                *first.tables["asked_beyond"].sites,
                *asked(0.9, line=70).tables["asked_beyond"].sites,
            ),
            np.concatenate(
                [
                    asked(0.5).tables["asked_beyond"].values,
                    asked(0.9).tables["asked_beyond"].values,
                ],
                axis=1,
            ),
        )
    )
    [found] = judged("extrapolation", both)
    assert found.where == Where("train.py", 70)
    assert "90% of the rows" in found.message
    assert "feature 1: trained from 0 to 2, asked from 1 to 4" in found.message
