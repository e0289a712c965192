"""The flat graph against the eager function that it was traced from."""

import pytest
import torch
from setups import X, Y, changed, flat_of, perceptron, slot

from unstuck.core.setup import Loop, Op, Optimizer
from unstuck.core.transform import with_rate, with_steps
from unstuck.trial.batches import batches
from unstuck.trial.compiled import WORTH, compiled, ensemble_loss, ensemble_step, signature
from unstuck.trial.draw import starts

SETUPS = {
    "tanh": {},
    "relu": {"activation": "relu"},
    "elu": {"activation": "nn.functional.elu"},
    "softplus": {"activation": "nn.functional.softplus"},
    "gelu": {"activation": "nn.functional.gelu"},
    "leaky": {"activation": "nn.functional.leaky_relu"},
    "cross-entropy": {"loss": "binary_cross_entropy", "prediction": "sigmoid"},
    "logits": {"loss": "binary_cross_entropy_with_logits"},
    "absolute": {"loss": "l1_loss"},
    "huber": {"loss": "huber_loss"},
    "adam": {"optimizer": Optimizer("Adam", ({"lr": 0.01},))},
    "adagrad": {"optimizer": Optimizer("Adagrad", ({"lr": 0.1},))},
    "never cleared": {"loop": Loop("never")},
    "clipped twice": {"loop": Loop(backwards=2, clip_norm=0.1)},
    "deep": {"sizes": (3, 4, 4, 4, 4, 1)},
    "one layer": {"sizes": (3, 1)},
    "double": {"dtype": "float64"},
    "one row": {"rows": 1},
}


def example(setup, members=4):
    flat = flat_of(setup, starts(setup, members, 0))
    kept, step = ensemble_step(setup)
    state = [torch.zeros_like(flat) for _ in range(kept)]
    rate = torch.full((members, 1), 0.1)
    goal, hit, t = torch.tensor(0.3), torch.full((members,), -1.0), torch.zeros(())
    return step, (flat, hit, t, rate, goal, *state), batches(setup, 0)


@pytest.mark.parametrize("name", SETUPS)
def test_the_flat_graph_does_what_the_eager_function_does(name):
    setup = perceptron(**SETUPS[name])
    step, given, source = example(setup)
    with torch.no_grad():
        fast = compiled(step, (*given, *next(source)))
        assert fast is not step
        slow_state = fast_state = given
        for _, rows in zip(range(25), source, strict=False):
            slow, quick = step(*slow_state, *rows), fast(*fast_state, *rows)
            for one, other in zip(slow, quick, strict=True):
                torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5, equal_nan=True)
            slow_state = (*slow[:3], *given[3:5], *slow[4:])
            fast_state = (*quick[:3], *given[3:5], *quick[4:])


def test_without_updates_the_weights_stay():
    step, given, source = example(perceptron(loop=Loop(steps=False)))
    later, _, t, *_ = step(*given, *next(source))
    assert torch.equal(later, given[0])
    assert t == 1


def test_the_loss_of_an_ensemble_is_that_of_each_member():
    setup = perceptron()
    weights = starts(setup, 6, 0)
    (losses,) = ensemble_loss(setup)(flat_of(setup, weights), *next(batches(setup, 0)))
    x, y = torch.from_numpy(setup.data.rows[X]), torch.from_numpy(setup.data.rows[Y])
    for number in range(6):
        w = {key: value[number] for key, value in weights.items()}
        out = torch.tanh(x @ w[0].T + w[1]) @ w[2].T + w[3]
        assert losses[number].item() == pytest.approx((out - y).pow(2).mean().item(), rel=1e-5)


def test_what_cannot_be_traced_runs_eagerly():
    def counts(x):
        return (x * (2 if float(x.sum()) > 0 else 3),)

    with torch.no_grad():
        assert compiled(counts, (torch.ones(2),)) is counts


def test_a_graph_that_is_wrong_is_not_used():
    """A function whose trace is another function: the example's values decide what is traced."""
    calls = []

    def changes(x):
        calls.append(1)
        return (x * len(calls),)

    with torch.no_grad():
        assert compiled(changes, (torch.ones(2),)) is changes


def test_random_operations_differ_between_members():
    setup = perceptron((3, 50, 1), activation="nn.functional.dropout", rows=30)
    _, given, source = example(setup, members=6)
    with torch.no_grad():
        (losses,) = ensemble_loss(setup)(given[0][:1].repeat(6, 1), *next(source))
    assert len(set(losses.tolist())) == 6


def test_a_program_that_reads_its_weights_in_the_loss_is_followed():
    setup = perceptron()
    ops = (
        *setup.program.ops,
        Op("torch.Tensor.pow", (slot(0), 2), {}, (400,)),
        Op("torch.Tensor.sum", (slot(400),), {}, (401,)),
        Op("torch.Tensor.add", (slot(999), slot(401)), {}, (402,)),
    )
    penalised = changed(setup, program_ops=ops, program_loss=402)
    weights = flat_of(setup, starts(setup, 3, 0))
    rows = next(batches(setup, 0))
    (plain,), (more,) = (
        ensemble_loss(setup)(weights, *rows),
        ensemble_loss(penalised)(weights, *rows),
    )
    torch.testing.assert_close(more - plain, weights[:, :15].pow(2).sum(1))


def test_a_function_that_is_called_too_rarely_is_left_as_it_is():
    def doubles(x):
        return (x * 2,)

    with torch.no_grad():
        assert compiled(doubles, (torch.ones(2),), uses=WORTH - 1) is doubles
        assert compiled(doubles, (torch.ones(2),), uses=WORTH) is not doubles


def test_a_traced_function_is_remembered_by_its_key_and_its_shapes():
    def doubles(x):
        return (x * 2,)

    with torch.no_grad():
        first = compiled(doubles, (torch.ones(2),), key="doubles")
        assert compiled(doubles, (torch.zeros(2),), key="doubles") is first
        assert compiled(doubles, (torch.ones(3),), key="doubles") is not first
        assert compiled(doubles, (torch.ones(2),), key="others") is not first
        assert compiled(doubles, (torch.ones(2),)) is not first


def test_arms_of_other_rate_and_length_share_their_step():
    setup = perceptron()
    same = [with_rate(setup, 10.0), with_steps(setup, 5.0)]
    assert {signature(one) for one in same} == {signature(setup)}


@pytest.mark.parametrize(
    "other",
    [
        {"activation": "relu"},
        {"sizes": (3, 7, 1)},
        {"loss": "l1_loss"},
        {"optimizer": Optimizer("SGD", ({"lr": 0.1, "momentum": 0.5},))},
        {"loop": Loop("never")},
    ],
)
def test_whatever_else_differs_is_another_step(other):
    assert signature(perceptron(**other)) != signature(perceptron())
