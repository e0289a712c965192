"""`unstuck.fit`: what it reaches, what it leaves alone, and what it says."""

import copy
import warnings

import numpy as np
import pytest
import torch
from solver_problems import AGREE, XNOR, chain, rows
from torch import Tensor, nn
from torch.nn import functional

import unstuck


def line(inputs: Tensor, targets: Tensor) -> float:
    """The loss of least squares, by numpy."""
    design = np.column_stack([np.ones(len(inputs)), inputs.double().numpy()])
    aim = targets.double().numpy()
    found = design @ np.linalg.lstsq(design, aim, rcond=None)[0]
    return float(((found - aim) ** 2).mean())


def test_a_linear_network_gets_the_least_squares_line() -> None:
    inputs = torch.arange(1.0, 200.0)[:, None] / 1e6
    targets = inputs[:, 0] ** 2
    fit = unstuck.fit(chain(1, 5, 4, 1, act=nn.Identity), inputs, targets)
    assert fit.loss == pytest.approx(line(inputs, targets), rel=1e-4)
    assert fit.lowest is not None
    assert fit.lowest.loss == pytest.approx(line(inputs, targets), rel=1e-6)
    assert fit.reached
    assert "linear map" in fit.report


def test_a_deep_linear_network_gets_weights_that_float32_can_hold() -> None:
    inputs = torch.arange(1.0, 200.0)[:, None] / 1e6
    model = chain(1, 20, 100, 100, 20, 1, act=nn.Identity)
    fit = unstuck.fit(model, inputs, inputs[:, 0] ** 2)
    exact = copy.deepcopy(fit.model).double()(inputs.double())
    rounded = (fit.model(inputs) - exact).abs().max() / exact.abs().max()
    assert float(rounded.detach()) < 1e-4


def test_with_several_outputs_each_gets_its_line() -> None:
    inputs = rows(80, 3)
    targets = torch.stack([inputs[:, 0] ** 2, inputs[:, 1].abs() * 50], 1)
    fit = unstuck.fit(chain(3, 6, 2, act=nn.Identity), inputs, targets)
    assert fit.loss == pytest.approx(line(inputs, targets), rel=1e-3)


def test_a_bottleneck_narrower_than_the_line_is_still_descended() -> None:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(60, 3, generator=generator)
    targets = inputs + torch.randn(60, 3, generator=generator) / 10
    fit = unstuck.fit(chain(3, 1, 3, act=nn.Identity), inputs, targets, budget=3, starts=2)
    centred = targets.double() - targets.double().mean(0)
    design = inputs.double() - inputs.double().mean(0)
    fitted = design @ torch.linalg.lstsq(design, centred).solution
    first = torch.linalg.svd(fitted).S  # reduced-rank regression: Izenman 1975
    lowest = (centred - fitted).square().mean() + (first[1:] ** 2).sum() / centred.numel()
    assert fit.loss == pytest.approx(float(lowest), rel=1e-3)


def test_rows_with_equal_inputs_end_on_their_means() -> None:
    inputs = torch.tensor([0.0, 0, 1, 1, 2, 2])
    targets = torch.tensor([0.0, 2, 5, 7, 1, 2])
    fit = unstuck.fit(chain(1, 30, 1), inputs, targets)
    assert fit.loss == pytest.approx((1 + 1 + 1 + 1 + 0.25 + 0.25) / 6, rel=1e-5)
    assert fit.lowest is not None
    assert fit.loss == pytest.approx(fit.lowest.loss, rel=1e-5)
    assert "no function of these inputs scores less" in fit.report


def test_more_weights_than_rows_learn_them_by_heart() -> None:
    y = torch.rand(20, generator=torch.Generator().manual_seed(3))
    fit = unstuck.fit(chain(1, 300, 1), torch.arange(-10.0, 10.0), y, target=1e-6)
    assert fit.reached
    assert fit.loss <= 1e-6
    assert fit.steps <= 200


def test_xnor_with_two_hidden_units_is_solved() -> None:
    model = nn.Sequential(*chain(2, 2, 1), nn.Sigmoid())
    fit = unstuck.fit(model, XNOR, AGREE, starts=40, target=0.05)
    assert fit.reached
    assert fit.loss_name == "bce"
    assert torch.equal((fit.model(XNOR)[:, 0] > 0.5).float(), AGREE)


def test_a_threshold_far_from_zero_is_found() -> None:
    rates = (rows(200, 1, seed=2) + 1).round()
    high = (rates > 93).float()
    model = nn.Sequential(*chain(1, 4, 1, act=nn.Sigmoid), nn.Sigmoid())
    fit = unstuck.fit(model, rates, high, target=0.01)
    assert fit.reached


def test_classes_are_learned_by_their_cross_entropy() -> None:
    inputs = rows(60, 2)
    classes = (inputs[:, 0] > 90).long() + (inputs[:, 1] > 90).long()
    fit = unstuck.fit(chain(2, 10, 3), inputs, classes, target=0.05)
    assert fit.loss_name == "cross_entropy"
    assert fit.reached
    assert fit.solver == "L-BFGS"


def test_the_loss_is_the_users_own_on_the_returned_model() -> None:
    inputs, model = rows(50, 2), chain(2, 4, 1)
    targets = inputs.prod(1)
    for loss in (nn.MSELoss(reduction="sum"), nn.SmoothL1Loss(), functional.mse_loss):
        fit = unstuck.fit(model, inputs, targets, loss=loss, budget=1, starts=1)
        assert fit.loss == pytest.approx(
            float(loss(fit.model(inputs)[:, 0], targets).detach()), rel=1e-3
        )


def test_absolute_errors_far_from_zero_are_made_small() -> None:
    inputs = rows(40, 2)
    targets = 5000 + inputs[:, 0] * 3
    for loss in ("mae", "huber"):
        fit = unstuck.fit(chain(2, 3, 1, act=nn.Identity), inputs, targets, loss=loss, budget=3)
        assert fit.loss < 0.01 * float((targets - targets.median()).abs().mean())


def test_a_model_that_fits_already_is_not_made_worse() -> None:
    inputs = rows(50, 2)
    model = chain(2, 4, 1)
    targets = model(inputs).detach()
    fit = unstuck.fit(model, inputs, targets, budget=2)
    assert fit.starts[0].name == "as given"
    assert fit.loss <= 1e-6 * float(targets.var())


def test_the_users_model_is_left_as_it_is() -> None:
    model = chain(2, 4, 1).train()
    before = copy.deepcopy(model.state_dict())
    unstuck.fit(model, rows(50, 2), rows(50, 2)[:, 0], budget=1)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_random_state_and_the_settings_of_torch_are_left_as_they_are() -> None:
    torch.manual_seed(5)
    state, numbers = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    settings = torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled()
    unstuck.fit(chain(2, 4, 1), rows(50, 2), rows(50, 2)[:, 0], budget=1)
    assert torch.equal(state, torch.random.get_rng_state())
    assert np.array_equal(numbers, np.random.get_state()[1])
    assert settings == (torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled())


def test_it_works_where_gradients_are_switched_off() -> None:
    with torch.no_grad():
        fit = unstuck.fit(chain(1, 6, 1), torch.arange(8.0), torch.arange(8.0).sin(), budget=1)
        assert not torch.is_grad_enabled()
    assert fit.loss < 0.1


def test_the_same_random_state_gives_the_same_fit() -> None:
    inputs, targets = rows(30, 2), rows(30, 2, seed=9)[:, 0]
    one, same, other = (
        unstuck.fit(chain(2, 3, 1), inputs, targets, starts=2, random_state=seed, budget=60)
        for seed in (4, 4, 5)
    )
    for first, second in zip(one.model.parameters(), same.model.parameters(), strict=True):
        assert torch.equal(first, second)
    assert any(
        not torch.equal(first, second)
        for first, second in zip(one.model.parameters(), other.model.parameters(), strict=True)
    )


def test_arrays_lists_and_tensors_give_the_same_fit() -> None:
    inputs, targets = rows(20, 2), rows(20, 2)[:, 1] ** 2
    fits = [
        unstuck.fit(chain(2, 3, 1), X, y, starts=1, budget=30)
        for X, y in (
            (inputs, targets),
            (inputs.numpy(), targets.numpy()),
            (inputs.tolist(), targets.tolist()),
        )
    ]
    assert len({fit.loss for fit in fits}) == 1


def test_a_table_that_numpy_can_read_is_read() -> None:
    class Table:
        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            return np.array([[1, 2.5], [3, 4.0], [5, 0.5]], dtype=object)

    fit = unstuck.fit(chain(2, 8, 1), Table(), [1.0, 2.0, 4.0], target=1e-6, budget=5)
    assert fit.reached


def test_no_warning_reaches_the_user() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        unstuck.fit(chain(2, 4, 1), rows(50, 2).numpy(), rows(50, 2)[:, 0].numpy(), budget=1)


def test_embeddings_take_whole_numbers() -> None:
    model = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(8, 1))
    inputs = torch.tensor([[a, b] for a in range(5) for b in range(5)])
    targets = (inputs[:, 0] * 2 - inputs[:, 1]).float()
    fit = unstuck.fit(model, inputs, targets, target=1e-4)
    assert fit.reached


def test_a_target_below_what_is_possible_is_said_to_be() -> None:
    inputs, targets = torch.tensor([0.0, 0.0, 1.0]), torch.tensor([0.0, 1.0, 3.0])
    fit = unstuck.fit(chain(1, 6, 1), inputs, targets, target=0.01, budget=2)
    assert not fit.reached
    assert "lies below what can be reached" in fit.report


def test_a_linear_network_for_squares_is_proposed_an_activation() -> None:
    inputs = torch.arange(1.0, 200.0)[:, None]
    model = chain(1, 8, 8, 1, act=nn.Identity)
    fit = unstuck.fit(model, inputs, inputs[:, 0] ** 2, propose=True, budget=3)
    assert fit.proposed is not None and "ReLU" in fit.proposed
    assert fit.report.startswith("Not your network as it is")
    assert fit.loss < 0.05 * line(inputs, inputs[:, 0] ** 2)
    assert float(functional.mse_loss(fit.model(inputs)[:, 0], inputs[:, 0] ** 2).detach()) == (
        pytest.approx(fit.loss, rel=1e-3)
    )


def test_where_the_given_network_does_what_can_be_done_no_other_is_proposed() -> None:
    inputs = rows(80, 2)
    fit = unstuck.fit(
        chain(2, 4, 1), inputs, inputs @ torch.tensor([1.0, 2.0]), propose=True, budget=4
    )
    assert fit.proposed is None


def net() -> nn.Sequential:
    return chain(2, 4, 1)


HOLED = torch.tensor([[1.0, float("nan")], [1.0, 2.0]])
REFUSED = {
    "X has 3 rows and y has 2": (net, (torch.ones(3, 2), torch.ones(2)), {}),
    "X has no rows": (net, (torch.ones(0, 2), torch.ones(0)), {}),
    "1 of the 2 rows of X hold NaN or infinity (the first is row 0)": (net, (HOLED, torch.ones(2)), {}),
    "the network fails on X of shape (3, 5)": (net, (torch.ones(3, 5), torch.ones(3)), {}),
    "loss='sharpe' is not known": (net, (torch.ones(3, 2), torch.ones(3)), {"loss": "sharpe"}),
    "loss=3 can't be called": (net, (torch.ones(3, 2), torch.ones(3)), {"loss": 3}),
    "y has shape (3, 4)": (net, (torch.ones(3, 2), torch.ones(3, 4)), {"loss": "mse"}),
    "y holds <U": (net, (torch.ones(2, 2), ["a", "b"]), {}),
    "y lies between 0 and 2": (
        net, (torch.ones(3, 2), torch.tensor([0, 1, 2])), {"loss": "bce_logits"},
    ),
    "number the classes 0 to 1": (
        lambda: chain(2, 4, 2), (torch.ones(2, 2), torch.tensor([0, 2])), {"loss": "cross_entropy"},
    ),
    "budget='soon' is no time": (net, (torch.ones(3, 2), torch.ones(3)), {"budget": "soon"}),
    "budget=0 leaves no time": (net, (torch.ones(3, 2), torch.ones(3)), {"budget": 0}),
    "starts=0": (net, (torch.ones(3, 2), torch.ones(3)), {"starts": 0}),
    "the model has no weight": (nn.ReLU, (torch.ones(3, 2), torch.ones(3)), {}),
    "model is a dict": (dict, (torch.ones(3, 2), torch.ones(3)), {}),
}  # fmt: skip


@pytest.mark.parametrize("said", REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(said: str) -> None:
    make, rows_given, options = REFUSED[said]
    with pytest.raises(unstuck.Unsolvable) as caught:
        unstuck.fit(make(), *rows_given, **options)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
