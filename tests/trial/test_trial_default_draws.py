"""Starting values taken back to torch's own: each layer as torch would have drawn it."""

import dataclasses

import pytest
from setups import perceptron

from unstuck.core.setup import Draw
from unstuck.core.transform import Unchangeable, default_draws, with_default_draws


def loud(setup):
    draws = (Draw("normal", (0.0, 9.0)),)
    parameters = tuple(dataclasses.replace(p, draws=draws) for p in setup.parameters)
    return dataclasses.replace(setup, parameters=parameters, start="recorded")


def by_hand(setup):
    """The same layers as products written by hand, weights stored (outputs, inputs)."""
    ops = tuple(
        dataclasses.replace(op, name="torch.matmul", args=op.args[:2])
        if op.short == "linear"
        else op
        for op in setup.program.ops
    )
    return dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))


def test_linear_layers_are_drawn_within_one_over_the_root_of_their_inputs():
    setup = loud(perceptron((3, 5, 1)))
    changed = with_default_draws(setup, [p.name for p in setup.parameters])
    assert [p.draws for p in changed.parameters] == [p.draws for p in perceptron().parameters]
    assert changed.start == "draw"


def test_other_parameters_keep_their_draws():
    setup = loud(perceptron((3, 5, 1)))
    changed = with_default_draws(setup, ["0.weight"])
    assert [
        p.draws != q.draws for p, q in zip(changed.parameters, setup.parameters, strict=True)
    ] == [
        True,
        False,
        False,
        False,
    ]


def test_a_weight_that_is_multiplied_by_hand_gets_a_normal_by_its_inputs():
    setup = by_hand(perceptron((5, 5, 5)))
    found = default_draws(setup)
    assert found[0] == (Draw("fan_normal", (1.0,), 5),)


def test_what_torch_has_no_default_for_is_refused():
    setup = perceptron((3, 5, 1))
    ops = tuple(op for op in setup.program.ops if op.short != "linear")
    bare = dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))
    with pytest.raises(Unchangeable, match="how torch would draw"):
        with_default_draws(bare, ["0.weight"])
