"""Member k of a stacked ensemble is the network that a plain PyTorch loop trains from the same start."""

import itertools

import numpy as np
import pytest
import torch
from setups import changed, flat_of, member, perceptron, plain_loop

from unstuck.core.setup import Loop, Optimizer, Plan
from unstuck.trial.batches import batches
from unstuck.trial.clock import Clock
from unstuck.trial.compiled import Shapes, ensemble_step
from unstuck.trial.draw import starts
from unstuck.trial.ensemble import Course, OutOfTime, train

SGD = Optimizer("SGD", ({"lr": 0.1},))
MOMENTUM = Optimizer("SGD", ({"lr": 0.05, "momentum": 0.9, "nesterov": True},))
ADAM = Optimizer("Adam", ({"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8},))
PENALISED = Optimizer("Adam", ({"lr": 0.01, "weight_decay": 0.01},))
GROUPS = Optimizer("SGD", ({"lr": 0.01, "momentum": 0.5}, {"lr": 0.3, "momentum": 0.5}))
APART = Optimizer("Adam", ({"lr": 0.01, "weight_decay": 0.5}, {"lr": 0.02, "weight_decay": 0.0}))
DECOUPLED = Optimizer(
    "AdamW", ({"lr": 0.01, "weight_decay": 3.0}, {"lr": 0.01, "weight_decay": 0.1})
)
SCHEDULED = Optimizer("SGD", ({"lr": 0.2},), schedule=((4, 0.5), (11, 0.1)))

CASES = {
    "full batch": {},
    "adam": {"optimizer": ADAM},
    "momentum": {"optimizer": MOMENTUM},
    "two groups": {"optimizer": GROUPS},
    "two groups of unlike penalties": {"optimizer": APART},
    "two groups of unlike decoupled penalties": {"optimizer": DECOUPLED},
    "a schedule": {"optimizer": SCHEDULED},
    "mini-batches": {"batch": 4, "order": "epochs"},
    "mini-batches in order, adam": {"batch": 5, "order": "sequence", "optimizer": ADAM},
    "fresh rows": {"batch": 4, "order": "fresh"},
    "gradients never cleared": {"loop": Loop("never"), "optimizer": Optimizer("SGD", ({"lr": 0.01},))},
    "never cleared, adam": {"loop": Loop("never"), "optimizer": ADAM},
    "never cleared, mini-batches": {"loop": Loop("never"), "batch": 4, "order": "epochs",
                                    "optimizer": Optimizer("SGD", ({"lr": 0.01},))},
    "cleared between": {"loop": Loop("between"), "optimizer": ADAM},
    "cleared between, penalised": {"loop": Loop("between"), "optimizer": PENALISED},
    "zeroed between, penalised": {"loop": Loop("between", zeros=True), "optimizer": PENALISED},
    "two backward passes": {"loop": Loop(backwards=2), "batch": 3, "order": "epochs"},
    "two passes of all rows": {"loop": Loop(backwards=2)},
    "clipped": {"loop": Loop(clip_norm=0.05)},
    "clipped by value": {"loop": Loop(clip_value=0.01), "optimizer": ADAM},
    "clipped, never cleared": {"loop": Loop("never", clip_norm=0.05)},
    "two passes, clipped, adam": {"loop": Loop(backwards=2, clip_norm=0.05), "batch": 3,
                                  "order": "epochs", "optimizer": ADAM},
    "recreated": {"loop": Loop(recreated=True), "optimizer": MOMENTUM},
    "recreated adam": {"loop": Loop(recreated=True), "optimizer": ADAM},
    "recreated every third step": {"loop": Loop(recreated=True, recreated_every=3),
                                   "optimizer": MOMENTUM},
    "recreated adam every third step": {"loop": Loop(recreated=True, recreated_every=3),
                                        "optimizer": ADAM},
    "double precision": {"dtype": "float64"},
    "a sigmoid and cross-entropy": {"loss": "binary_cross_entropy", "prediction": "sigmoid",
                                    "activation": "relu"},
    "logits": {"loss": "binary_cross_entropy_with_logits", "activation": "relu"},
}  # fmt: skip
MEMBERS, STEPS, SEED = 5, 20, 7


@pytest.mark.parametrize("name", CASES)
def test_a_member_is_trained_like_a_network_alone(name):
    setup = perceptron(**CASES[name], steps=STEPS)
    result = train(setup, Course(0.0, MEMBERS, SEED, all_steps=True))
    stacked = starts(setup, MEMBERS, SEED)
    x, y = (torch.from_numpy(setup.data.rows[slot]) for slot in (100, 101))
    for number in range(MEMBERS):
        losses, _ = plain_loop(setup, member(stacked, number), batches(setup, SEED))
        fitted = _final(setup, stacked, number)
        assert result.losses[number].item() == pytest.approx(fitted, rel=2e-4)
        assert len(losses) == STEPS
    assert len(x) == len(y)


def _final(setup, stacked, number):
    """The loss over all rows of a network that a plain loop has trained."""
    from setups import torch_network

    _, flat = plain_loop(setup, member(stacked, number), batches(setup, SEED))
    weights = {slot: value[0] for slot, value in Shapes(setup).split(flat.reshape(1, -1)).items()}
    loss = getattr(torch.nn.functional, setup.program.ops[-1].short)
    x, y = (torch.from_numpy(setup.data.rows[slot]) for slot in (100, 101))
    return loss(torch_network(setup, weights)(x), y).item()


@pytest.mark.parametrize("name", CASES)
def test_every_step_of_every_member_is_torchs_own(name):
    setup = perceptron(**CASES[name], steps=STEPS)
    stacked = starts(setup, MEMBERS, SEED)
    flat = flat_of(setup, stacked)
    kept, step = ensemble_step(setup)
    state = [torch.zeros_like(flat) for _ in range(kept)]
    groups, sizes = setup.optimizer.groups, Shapes(setup).sizes
    each = [groups[min(i // 2, len(groups) - 1)]["lr"] for i in range(len(sizes))]
    base = torch.cat(
        [torch.full((n,), r, dtype=flat.dtype) for n, r in zip(sizes, each, strict=True)]
    )
    hit, t, factor = torch.full((MEMBERS,), -1.0), torch.zeros(()), 1.0
    seen = []
    for number, batch in zip(range(STEPS), batches(setup, SEED), strict=False):
        factor = dict(setup.optimizer.schedule).get(number, factor)
        flat, hit, t, losses, *state = step(
            flat, hit, t, base * factor, torch.tensor(0.0), *state, *batch
        )
        seen.append(losses)
    for number in range(MEMBERS):
        losses, weights = plain_loop(setup, member(stacked, number), batches(setup, SEED))
        ours = torch.stack(seen)[:, number]
        torch.testing.assert_close(
            ours, torch.tensor(losses, dtype=ours.dtype), rtol=2e-4, atol=1e-6
        )
        torch.testing.assert_close(flat[number], weights, rtol=2e-3, atol=1e-5)


def test_a_hit_is_the_first_step_whose_loss_is_at_the_goal():
    setup = perceptron(steps=200, optimizer=Optimizer("SGD", ({"lr": 0.3},)))
    result = train(setup, Course(0.2, MEMBERS, SEED, all_steps=True))
    stacked = starts(setup, MEMBERS, SEED)
    for number in range(MEMBERS):
        losses, _ = plain_loop(setup, member(stacked, number), batches(setup, SEED))
        first = next((i for i, loss in enumerate(losses) if loss <= 0.2), None)
        assert int(result.hits[number]) == first


def test_who_has_left_the_goal_again_has_not_learned():
    """A rate that is far too large: the loss passes by the goal and is gone."""
    setup = perceptron(steps=60, optimizer=Optimizer("SGD", ({"lr": 30.0},)), activation="relu")
    goal = float(np.var(setup.data.rows[101])) * 3
    result = train(setup, Course(goal, 16, SEED, all_steps=True))
    for loss, hit in zip(result.losses.tolist(), result.hits.tolist(), strict=True):
        assert (hit >= 0) == (loss <= goal)


def test_the_rates_of_a_grid_are_trained_as_if_each_were_alone():
    setup = perceptron(steps=30)
    together = train(setup, Course(0.0, 4, SEED, all_steps=True, rates=(1.0, 3.0, 0.2)))
    for place, factor in enumerate((1.0, 3.0, 0.2)):
        rate = Optimizer("SGD", ({"lr": 0.1 * factor},))
        alone = train(changed(setup, optimizer=rate), Course(0.0, 4, SEED, all_steps=True))
        block = together.losses[4 * place : 4 * place + 4]
        torch.testing.assert_close(block, alone.losses, rtol=1e-4, atol=1e-7)


def test_parameters_that_no_optimizer_holds_are_not_moved():
    import dataclasses

    setup = perceptron(steps=10)
    frozen = tuple(
        dataclasses.replace(p, group=-1) if p.slot in {0, 1} else p for p in setup.parameters
    )
    fixed = train(changed(setup, parameters=frozen), Course(0.0, 3, SEED, all_steps=True))
    groups = ({"lr": 0.0}, {"lr": 0.1})
    still = tuple(
        dataclasses.replace(p, group=0 if p.slot in {0, 1} else 1) for p in setup.parameters
    )
    same = changed(setup, parameters=still, optimizer=Optimizer("SGD", groups))
    expected = train(same, Course(0.0, 3, SEED, all_steps=True))
    torch.testing.assert_close(fixed.losses, expected.losses)


def test_the_same_seed_gives_the_same_result():
    setup = perceptron(steps=40, batch=4, order="epochs")
    one, two = (train(setup, Course(0.1, 8, SEED)) for _ in range(2))
    assert torch.equal(one.losses, two.losses)
    assert torch.equal(one.hits, two.hits)
    assert not torch.equal(one.losses, train(setup, Course(0.1, 8, SEED + 1)).losses)


def test_training_stops_once_everyone_is_there():
    setup = perceptron(steps=5000)
    easy = float(np.var(setup.data.rows[101])) * 50
    assert train(setup, Course(easy, 4, SEED)).steps < 100
    assert train(changed(setup, plan_steps=70), Course(easy, 4, SEED, all_steps=True)).steps == 70


def test_a_loop_that_never_clears_is_trained_to_its_end():
    setup = perceptron(steps=120, loop=Loop("never"), optimizer=Optimizer("SGD", ({"lr": 1e-4},)))
    easy = float(np.var(setup.data.rows[101])) * 50
    assert train(setup, Course(easy, 4, SEED)).steps == 120


def test_training_ends_when_the_time_is_over():
    setup = perceptron(steps=10_000)
    with pytest.raises(OutOfTime):
        train(setup, Course(0.0, 4, SEED, clock=Clock(0.0)))


def test_an_arm_counts_the_members_that_met_the_goal_in_time():
    setup = perceptron(steps=200, optimizer=Optimizer("SGD", ({"lr": 0.3},)))
    result = train(setup, Course(0.2, 12, SEED, all_steps=True))
    met = sorted(int(hit) for hit in result.hits if hit >= 0)
    arm = result.arm()
    assert (arm.learned, arm.members) == (len(met), 12)
    half = met[len(met) // 2]
    assert result.arm(half).learned == sum(hit <= half for hit in met)
    assert arm.interval[0] <= arm.share <= arm.interval[1]
    assert len(arm.losses) == 12


def test_the_curve_ends_with_the_final_median():
    result = train(perceptron(steps=50), Course(0.0, 5, SEED, all_steps=True))
    steps = [step for step, _ in result.curve]
    assert steps == sorted(steps)
    assert result.curve[-1] == (50, pytest.approx(float(result.losses.median())))
    assert result.curve[0][0] == 0


# --- batches ---------------------------------------------------------------------------------------


def rows_of(setup, count):
    """The numbers of the rows of the first batches, found by their contents."""
    all_rows = [tuple(row) for row in setup.data.rows[100].tolist()]
    taken = itertools.islice(batches(setup, 3), count)
    return [[all_rows.index(tuple(row)) for row in batch[0].tolist()] for batch in taken]


def test_a_full_batch_holds_every_row_in_order():
    assert rows_of(perceptron(rows=6), 3) == [[0, 1, 2, 3, 4, 5]] * 3


def test_a_shuffled_pass_shows_every_row_once():
    seen = rows_of(perceptron(rows=6, batch=2, order="epochs"), 6)
    first, second = sorted(itertools.chain(*seen[:3])), sorted(itertools.chain(*seen[3:]))
    assert first == second == [0, 1, 2, 3, 4, 5]
    assert seen[:3] != seen[3:]


def test_a_pass_in_order_is_always_the_same():
    assert rows_of(perceptron(rows=6, batch=2, order="sequence"), 4) == [
        [0, 1],
        [2, 3],
        [4, 5],
        [0, 1],
    ]


def test_the_recorded_batches_come_first():
    setup = perceptron(rows=6, batch=2, order="epochs")
    first = (np.array([5, 0]), np.array([1, 1]))
    setup = changed(setup, plan=Plan("epochs", 2, 20, first))
    assert rows_of(setup, 2) == [[5, 0], [1, 1]]


def test_recorded_batches_of_another_size_are_left_out():
    setup = perceptron(rows=6, batch=4, order="epochs")
    setup = changed(setup, plan=Plan("epochs", 4, 20, (np.arange(4), np.array([4, 5]))))
    assert [len(rows) for rows in rows_of(setup, 5)] == [4] * 5


def test_a_batch_larger_than_the_data_is_all_of_it():
    setup = changed(perceptron(rows=6, order="epochs"), plan_batch=50)
    assert [sorted(rows) for rows in rows_of(setup, 2)] == [[0, 1, 2, 3, 4, 5]] * 2


def test_accumulated_backward_passes_see_rows_of_their_own():
    setup = perceptron(rows=6, batch=2, order="sequence", loop=Loop(backwards=2))
    batch = next(batches(setup, 0))
    x = setup.data.rows[100]
    assert len(batch) == 4
    assert np.array_equal(batch[0].numpy(), x[:2])
    assert np.array_equal(batch[2].numpy(), x[2:4])
