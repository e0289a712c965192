"""A parity that learners miss: found by slow and obvious means too, and never in noise."""

import itertools

import numpy as np
import pytest

from unstuck.theory.parity import best_parity, walsh


def switches(seed, rows=300, count=8):
    return np.random.default_rng(seed).integers(0, 2, (rows, count)) * 2.0 - 1


@pytest.mark.parametrize("chosen", [(0, 1, 2), (1, 4, 5, 7), tuple(range(8))])
def test_a_parity_is_found_with_its_inputs(chosen):
    bits = switches(5)
    found = best_parity(bits, bits[:, chosen].prod(1, keepdims=True))
    assert found is not None and found.clear
    assert found.what == sum(1 << place for place in chosen)
    assert found.share == pytest.approx(1, abs=0.02)


def test_shares_are_squared_correlations_with_the_product_of_signs():
    bits, random = switches(6, 150, 5), np.random.default_rng(6)
    targets = random.normal(size=(150, 1))
    centred = targets[:, 0] - targets.mean()
    shares = {
        sum(1 << place for place in chosen): np.mean(bits[:, chosen].prod(1) * centred) ** 2
        / np.mean(centred**2)
        for size in (3, 4, 5)
        for chosen in itertools.combinations(range(5), size)
    }
    found = best_parity(bits, targets)
    assert found is not None
    assert found.what == max(shares, key=lambda subset: shares[subset])
    assert found.share == pytest.approx(max(shares.values()))


def test_the_transform_is_the_sum_over_all_signs():
    values = np.random.default_rng(0).normal(size=16)
    by_hand = [
        sum(v * (-1) ** (place & subset).bit_count() for place, v in enumerate(values))
        for subset in range(16)
    ]
    assert np.allclose(walsh(values), by_hand)


def test_classes_count_as_one_column_each():
    bits = switches(7)
    which = (bits[:, :4].prod(1) > 0).astype(int)
    found = best_parity(bits, np.eye(2)[which])
    assert found is not None and found.clear
    assert (found.what, found.share) == (15, pytest.approx(1, abs=0.02))


def test_a_parity_with_some_wrong_labels_is_still_clear():
    bits, random = switches(8, 500, 12), np.random.default_rng(8)
    flips = np.where(random.random(500) < 0.1, -1.0, 1.0)
    found = best_parity(bits, (bits.prod(1) * flips)[:, None])
    assert found is not None and found.clear
    assert found.share == pytest.approx(0.64, abs=0.1)


@pytest.mark.parametrize("rows", [100, 500])
def test_noise_has_no_parity(rows):
    random = np.random.default_rng(9)
    for seed in range(25):
        found = best_parity(switches(seed, rows, 10), random.integers(0, 2, (rows, 1)) * 1.0)
        assert found is not None and not found.clear


def test_a_sum_and_a_majority_have_no_clear_parity_of_three_or_more():
    bits = switches(10, 400, 9)
    for targets in (bits.sum(1), np.sign(bits.sum(1)), bits[:, 0] * bits[:, 1]):
        found = best_parity(bits, targets[:, None])
        assert found is not None
        assert not (found.clear and found.share > 0.5)


def test_inputs_that_never_vary_are_passed_over():
    bits = switches(11, 200, 6)
    wide = np.insert(bits, 2, 3.0, axis=1)
    found = best_parity(wide, bits[:, 1:5].prod(1, keepdims=True))
    assert found is not None
    assert found.what == sum(1 << place for place in (1, 3, 4, 5))


@pytest.mark.parametrize(
    "chosen", [(0, 1, 2), (3, 17, 40), tuple(range(5, 45, 3)), tuple(range(48))]
)
@pytest.mark.parametrize("flipped", [False, True])
def test_a_parity_of_many_switches_is_solved_for(chosen, flipped):
    bits = switches(12, 90, 48)
    labels = (bits[:, chosen].prod(1) > 0) ^ flipped
    for targets in (labels[:, None] * 1.0, np.eye(2)[labels * 1]):
        found = best_parity(bits, targets)
        assert found is not None and found.clear
        assert (found.what, found.share) == (sum(1 << place for place in chosen), 1.0)


def test_switches_that_follow_from_others_do_not_hide_a_parity():
    bits = switches(13, 200, 20)
    bits = np.column_stack([bits, bits[:, 3], -bits[:, 5], np.ones(200), bits[:, 0] * bits[:, 1]])
    found = best_parity(bits, bits[:, 2:9].prod(1, keepdims=True))
    assert found is not None and found.share == 1.0
    inside = [place for place in range(24) if found.what >> place & 1]
    product = bits[:, inside].prod(1) * bits[:, 2:9].prod(1)
    assert abs(product.sum()) == 200


@pytest.mark.parametrize("seed", range(10))
def test_one_wrong_label_or_noise_leaves_no_parity_of_many_switches(seed):
    bits = switches(seed, 150, 30)
    labels = bits[:, :9].prod(1, keepdims=True)
    labels[seed] *= -1
    assert best_parity(bits, labels) is None
    assert best_parity(bits, np.sign(np.random.default_rng(seed).normal(size=(150, 1)))) is None


@pytest.mark.parametrize(
    "inputs",
    [np.random.default_rng(8).normal(size=(50, 4)), switches(0, 50, 31), switches(0, 50, 2)],
    ids=["many values", "too few rows", "too few"],
)
def test_nothing_is_told_of_inputs_that_are_not_a_few_switches(inputs):
    assert best_parity(inputs, np.arange(50.0)[:, None]) is None


def test_targets_that_never_vary_have_no_parity():
    assert best_parity(switches(0, 50, 5), np.ones((50, 1))) is None
