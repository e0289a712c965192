"""The closed vocabulary of measured quantities: name, unit, axis and definition.

A rule declares names from here; the recorder and the probes fill the tables of the same names.
"""

from __future__ import annotations

import dataclasses

INAPPLICABLE = "does not apply: "
"""How the reason begins for which a quantity is missing that this network has no place for: nothing
was left undecided, so a report need not mention it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Quantity:
    """A measured quantity: `sites` says what its columns stand for."""

    name: str
    unit: str
    sites: str
    definition: str
    source: str


def _of(*rows: tuple[str, str, str, str, str]) -> dict[str, Quantity]:
    return {row[0]: Quantity(*row) for row in rows}


QUANTITIES = _of(
    # recorded while the script runs
    ("setup", "", "", "the training procedure as a value", "record"),
    ("loss", "loss", "loss", "the recorded loss, one row a step (thinned in a long run)", "record"),
    (
        "stale_gradient",
        "ratio",
        "gradient",
        "norm of the gradient left over from before the backward pass, over the norm that the pass adds;"
        " 0 where gradients were cleared. Only first passes after an update count",
        "record",
    ),
    (
        "gradient_at_step",
        "norm",
        "gradient",
        "norm of the whole gradient when the update is made; 0 where it was cleared before the update",
        "record",
    ),
    (
        "gradient_after_backward",
        "norm",
        "gradient",
        "norm of the whole gradient when backward has ended",
        "record",
    ),
    # computed from the Setup in a fresh process
    (
        "ladder",
        "loss",
        "start constant linear quadratic learner floor end goal reference",
        "the losses of simple predictors, of the trained network (end), the loss that counts as learned, and"
        " the achievable one that it is measured against",
        "probe",
    ),
    (
        "progress",
        "share",
        "late total",
        "share of the way from constant to goal gained in the last tenth"
        " of the run (late) and in all of it (total)",
        "probe",
    ),
    ("rows", "count", "rows features targets", "size of the training data", "probe"),
    ("input_offset", "ratio", "features", "|mean| over spread of each input feature", "probe"),
    ("input_mean", "input", "features", "mean of each input feature", "probe"),
    ("input_spread", "input", "features", "standard deviation of each input feature", "probe"),
    (
        "target_offset",
        "ratio",
        "targets",
        "|mean| over spread of each column of the targets that a regression is trained towards",
        "probe",
    ),
    ("target_mean", "target", "targets", "mean of each column of a regression's targets", "probe"),
    (
        "target_spread",
        "target",
        "targets",
        "standard deviation of each column of a regression's targets",
        "probe",
    ),
    (
        "signal_r2",
        "share",
        "linear learner",
        "out-of-sample share of the target's variance (regression) or of"
        " the constant's loss (classification) explained by the best linear model and best learner",
        "probe",
    ),
    (
        "aligned_r2",
        "share",
        "learner now rows",
        "where no learner finds a signal: share of the constant's loss that the best one explains of"
        " unseen rows once the targets are moved by so many rows, and as they are; NaN where no shift"
        " stands out",
        "probe",
    ),
    (
        "parity_r2",
        "share",
        "share inputs first chance",
        "where learners find hardly a signal and all inputs have two values: share of the targets'"
        " variance that the best parity explains, of how many inputs, the first of them, and what the best"
        " explains of shuffled targets; NaN where none stands out",
        "probe",
    ),
    (
        "prediction_constancy",
        "ratio",
        "prediction",
        "spread of the predictions over the data, over the spread of the targets; rows: start, end",
        "probe",
    ),
    (
        "nonlinear_share",
        "share",
        "prediction",
        "1 - R2 of a linear fit of the network's last pre-activation on its inputs; rows: start, end",
        "probe",
    ),
    (
        "units_off",
        "share",
        "layers",
        "share of a layer's units that output zero for every row; rows: start, end",
        "probe",
    ),
    (
        "units_saturated",
        "share",
        "layers",
        "share of a layer's sigmoid or tanh units flat over all rows (slope below 1 % of its maximum on"
        " every row, or the output's range over the rows below 5 % of the activation's range"
        " with its median slope below 10 %); rows: start, end",
        "probe",
    ),
    (
        "units_bending",
        "share",
        "layers",
        "share of a layer's units that switch (ReLU family) or bend (sigmoid, tanh) inside the data;"
        " rows: start, end",
        "probe",
    ),
    (
        "signal",
        "input",
        "layers",
        "root mean square of a layer's pre-activations over rows and units, before the first update;"
        " rows: as the script drew its weights, and as torch draws layers by default (median of 5 draws)",
        "probe",
    ),
    (
        "signal_spread",
        "input",
        "layers",
        "how far a layer's pre-activations vary over the rows (root mean square over the units of the"
        " standard deviation), before the first update; rows: as ``signal``",
        "probe",
    ),
    (
        "gradient_kept",
        "ratio",
        "layers",
        "norm of the loss's gradient at a layer's pre-activations (over rows and units), over that at the"
        " network's last layer, before the first update",
        "probe",
    ),
    (
        "dropout_noise",
        "share",
        "prediction",
        "where parts of the network are dropped at random: share of the predictions' variance that lies"
        " between draws of what is dropped, and not between rows; rows: start, end",
        "probe",
    ),
    (
        "norms",
        "share",
        "noise offset widest narrowest",
        "where layers normalise over the batch. noise: how far the predictions of rows in batches of the"
        " script's size differ from those by the statistics of all rows (mean square), over that plus their"
        " variance. Of layers whose statistics stay fixed: the largest |mean| over spread of a channel of"
        " what they give (before scale and shift), and the largest and smallest spread of one; NaN where"
        " there are none; rows: start, end",
        "probe",
    ),
    (
        "units_equal",
        "share",
        "layers",
        "share of a layer's units whose output is that of another unit on every row (to a thousandth of"
        " the largest output); rows: start, end",
        "probe",
    ),
    (
        "collision_floor",
        "share",
        "layers",
        "conditional entropy or variance of the target given numerically equal hidden rows, over that of"
        " the constant: what no later layer can undo; rows: start, end",
        "probe",
    ),
    (
        "loss_pairs",
        "ratio",
        "operands",
        "elements of the broadcast loss over elements of the larger operand, where prediction and target"
        " differ in shape; 1 where they agree",
        "probe",
    ),
    (
        "rate_over_edge",
        "ratio",
        "rate",
        "learning rate over the edge of stability 2/lambda_max of the loss's curvature at the start"
        " (gradient descent without momentum); for adaptive optimizers one step's predicted change of the"
        " predictions, in spreads of the targets",
        "probe",
    ),
    (
        "out_of_reach",
        "share",
        "loss share targets constant",
        "the activation at the network's end bounds what it can say. loss: the loss of the allowed"
        " predictions nearest to the targets; share: by how much it lies above that of the targets"
        " themselves, over the constant's loss; targets: the share of target values that are not allowed."
        " constant: the best constant prediction, which stands for the targets where the loss takes them for"
        " something else, as a logarithm; NaN elsewhere",
        "probe",
    ),
    (
        "sigmoid_exact",
        "share",
        "prediction",
        "share of rows whose sigmoid output is exactly 0 or 1 in the network's precision, and wrong;"
        " rows: start, end",
        "probe",
    ),
    (
        "squashed_floor",
        "loss",
        "squashed free",
        "where a loss that takes logits is given what a sigmoid or softmax made: the lowest loss that"
        " numbers between 0 and 1 can score, and that free logits can",
        "probe",
    ),
    (
        "tail",
        "share",
        "held largest logarithms far low high",
        "held: the share of the constant's squared loss that the hundredth of the targets farthest from the mean"
        " holds; largest: how many spreads the farthest lies away; logarithms: 1 where the run is judged by"
        " those, since it learned nothing by squares and others do by logarithms, NaN elsewhere; far: how many"
        " targets the run is not judged by, since they lie far outside of the range from low to high of all"
        " others, NaN where it is judged by all",
        "probe",
    ),
    (
        "fractions_lost",
        "share",
        "inputs targets",
        "share of the variance that was lost when numbers became whole ones before they reached the network;"
        " NaN where nothing was lost, or where the numbers before are not known",
        "probe",
    ),
    (
        "waves",
        "share",
        "explained smooth cycles inputs",
        "plane waves in the targets over up to three real inputs, one row a wave, the strongest first."
        " explained: share of the variance of rows left out that it explains, together with a straight line"
        " and the waves before it; smooth: the share that the best quadratic does; cycles: of the wave, over"
        " the range of the inputs; each input: radians over one unit of it. No wave is one of no cycles",
        "probe",
    ),
    (
        "holes",
        "share",
        "inputs targets",
        "share of the rows that hold what is no number, where such rows make the loss of the network before its"
        " first update, or its gradient, no number either, and the others do not; NaN where they do no such thing",
        "probe",
    ),
    (
        "same_batch",
        "rows",
        "trained held",
        "where every step saw the same batch, the first of a loader that holds more: rows in that batch, and"
        " rows that the loader holds; NaN elsewhere",
        "probe",
    ),
    (
        "rare_class",
        "share",
        "share recall",
        "of a cross-entropy of logits without weights: the share of the rows that belong to the rarest class,"
        " and the share of those that the trained network recognises (its largest logit, or one above 0)",
        "probe",
    ),
    (
        "loss_fit",
        "",
        "sign logs targets classes outputs raw",
        "how the loss fits what it is given; NaN where the question does not arise. sign: -1 where training"
        " climbs a known loss; logs: largest |log of the summed exponentials| of a row where logarithms of"
        " shares are expected; targets: how far targets lie outside of 0 to 1 where these mean no and yes;"
        " classes: how many there are to choose from; outputs: how many are each compared with one class number;"
        " raw: share of the predictions that are no probabilities where the loss takes these",
        "probe",
    ),
    (
        "rows_mixed",
        "ratio",
        "prediction slot dim",
        "how far predictions move when half of their batch is replaced, over their spread (normalisation over"
        " the batch left out); the output slot of the operation along the rows to blame for it, and the axis"
        " along which it keeps them apart (NaN where there is none)",
        "probe",
    ),
    (
        "shuffled_apart",
        "arrays",
        "arrays, file:line",
        "how many arrays one function of the source brings into an order at random, each by itself and unseeded"
        " (none where there is but one); 1 at the lines of the first two",
        "probe",
    ),
    (
        "reread_r2",
        "share",
        "learner now axis",
        "where no learner finds a signal in the rows: the share of unseen targets that the best one explains if"
        " the rows had lain along another axis before they were given their shape, the share as they stand, and"
        " that axis (NaN where there is a signal, or no such axis)",
        "probe",
    ),
    (
        "breakdown",
        "operand",
        "slot lowest nearest highest backward",
        "where the loss stopped being a number, when the steps are repeated from the start: the operation that"
        " made such a value of proper ones (its output slot), its operand's lowest and highest value and"
        " smallest size, and whether it is its gradient (1) that is no number; rows: steps, each with the"
        " operations before it guarded",
        "probe",
    ),
    (
        "foreseen",
        "updates",
        "forecast, end of its range",
        "steps of full-batch gradient descent on squared errors from the end of the run to its goal, foreseen"
        " by the tangent kernel of the end (frozen) and by one that is renewed on the way (lapse): low, median"
        " and high, infinite where it is never met, NaN where that cannot be told; plateau: the loss at which"
        " the curve comes to rest above the goal, NaN where it does not",
        "probe",
    ),
    (
        "planned_steps",
        "updates",
        "lines",
        "updates that the training loop would have made by its count, where a test in it ended it before"
        " that; sites: each ``file:line`` of such a test",
        "probe",
    ),
    (
        "compared",
        "share",
        "lines",
        "where the script compares targets with what it misreads the trained network's outputs for: share that"
        " its comparison finds equal, and share of the targets (of a regression: of their variance) that the"
        " outputs agree to on these rows; sites: ``file:line`` and the mistake",
        "probe",
    ),
    (
        "dropped_answers",
        "share",
        "lines",
        "where the script compares targets with answers that the network gives while parts of it are dropped at"
        " random: share of them that its comparison finds right, and share that is right of the whole network;"
        " sites: ``file:line``",
        "probe",
    ),
    (
        "asked_beyond",
        "",
        "lines",
        "of the rows that the script last showed its network without gradients on this line: share beyond the range of"
        " the training rows by more than a tenth of it, the share that chance explains at most, the feature where most of"
        " them are, its range in training (low, high) and as asked (from, to); sites: ``file:line`` and which of these",
        "probe",
    ),
    (
        "descent",
        "loss",
        "reached",
        "lowest running mean of the recorded loss (window: a twentieth of the run, at least one step)"
        " by step",
        "probe",
    ),
    (
        "swing",
        "share",
        "loss",
        "mean absolute change of the recorded loss from step to step in the last half,"
        " over the distance from the constant's loss to the goal",
        "probe",
    ),
)
"""Every quantity by name."""
