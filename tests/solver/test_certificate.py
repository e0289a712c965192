"""The certificate that a network's size suffices, and what is said where none is found."""

import pytest
import torch
from solver_problems import AGREE, XNOR, chain
from torch import nn
from torch.nn import functional

import unstuck
from unstuck.theory.interval import share_interval


def squashed(*widths: int) -> nn.Sequential:
    return nn.Sequential(*chain(*widths), nn.Sigmoid())


@pytest.fixture(scope="module")
def two_units() -> unstuck.Certificate:
    return unstuck.certify(squashed(2, 2, 1), XNOR, AGREE, below=0.05, starts=12)


def test_two_relu_units_can_do_xnor_and_the_weights_are_the_proof(
    two_units: unstuck.Certificate,
) -> None:
    found = two_units
    assert found.fits
    loss = functional.binary_cross_entropy(found.model(XNOR)[:, 0], AGREE)
    assert float(loss.detach()) == pytest.approx(found.loss, rel=1e-3)
    assert found.loss <= 0.05
    assert "not to blame" in found.sentence


def test_the_share_has_its_exact_interval(two_units: unstuck.Certificate) -> None:
    assert two_units.starts == 12
    assert 0 < two_units.reached < 12
    assert two_units.interval == share_interval(two_units.reached, 12)


def test_one_unit_cannot_do_xnor_and_nothing_is_claimed_to_be_proved() -> None:
    found = unstuck.certify(squashed(2, 1, 1), XNOR, AGREE, below=0.05, starts=6)
    assert not found.fits
    assert not found.impossible
    assert found.reached == 0
    assert "No start of 6" in found.sentence
    assert "proves nothing about the size" in found.sentence


def test_what_no_weights_can_do_is_called_impossible() -> None:
    inputs = torch.arange(30.0)[:, None]
    linear = chain(1, 5, 1, act=nn.Identity)
    found = unstuck.certify(linear, inputs, inputs[:, 0] ** 2, below=1.0, starts=2)
    assert found.impossible
    assert "least squares" in found.sentence


def test_without_a_level_it_is_near_what_cannot_be_undercut() -> None:
    inputs, targets = torch.tensor([0.0, 0, 1, 1, 2, 2]), torch.tensor([0.0, 2, 5, 7, 1, 2])
    found = unstuck.certify(chain(1, 20, 1), inputs, targets, starts=3)
    lowest, constant = 4.5 / 6, float(targets.var(correction=0))
    assert found.below == pytest.approx(lowest + 0.01 * (constant - lowest))
    assert found.fits


def test_a_loss_without_a_known_lowest_needs_a_level() -> None:
    with pytest.raises(unstuck.Unsolvable, match="below="):
        unstuck.certify(chain(1, 4, 1), torch.ones(3), torch.ones(3), loss=nn.SmoothL1Loss())
