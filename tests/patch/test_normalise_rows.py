"""Layers that normalise each row by itself, in the ways in which BatchNorm is written."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import NormaliseRows
from unstuck.patch import Unpatchable


def by_rows(text, *markers, flat=True):
    lines = tuple(where(text, marker) for marker in markers or ("BatchNorm",))
    return changes(text, NormaliseRows(lines, (flat,) * len(lines)))


def test_a_layer_in_a_sequential_gets_another_name():
    text = "net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU())\n"
    assert "+net = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3), nn.ReLU())" in by_rows(text)


def test_images_get_a_group_norm_of_one_group():
    text = "self.bn = nn.BatchNorm2d(16)\n"
    assert "+self.bn = nn.GroupNorm(1, 16)" in by_rows(text, flat=False)


def test_what_is_meant_for_running_statistics_goes():
    text = "self.bn = nn.BatchNorm1d(num_features=width, momentum=0.01, eps=1e-3)\n"
    assert "+self.bn = nn.LayerNorm(width, eps=1e-3)" in by_rows(text)


def test_a_second_argument_is_named():
    text = "self.bn = torch.nn.BatchNorm2d(16, 1e-3)\n"
    assert "+self.bn = torch.nn.GroupNorm(1, 16, eps=1e-3)" in by_rows(text, flat=False)


def test_a_name_imported_by_itself_is_imported_anew():
    text = "from torch.nn import BatchNorm1d, Linear\nbn = BatchNorm1d(8)\n"
    found = changes(text, NormaliseRows((where(text, "bn ="),), (True,)))
    assert "+from torch.nn import LayerNorm, Linear" in found
    assert "+bn = LayerNorm(8)" in found


def test_every_layer_of_a_line_is_changed_once():
    text = "net = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 3), nn.BatchNorm1d(3))\n"
    found = by_rows(text, "BatchNorm", "BatchNorm")
    assert "+net = nn.Sequential(nn.LayerNorm(2), nn.Linear(2, 3), nn.LayerNorm(3))" in found


def test_layers_on_several_lines_are_changed():
    text = code("""
        self.norm1 = nn.BatchNorm1d(width)
        self.norm2 = nn.BatchNorm1d(width)
    """)
    found = by_rows(text, "norm1", "norm2")
    assert found.count("+") == 2 and "norm2 = nn.LayerNorm(width)" in found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("net = build()\n", "no BatchNorm is visible"),
        ("bn = nn.BatchNorm1d(8, affine=False)\n", "has arguments that no LayerNorm takes"),
        ("bn = nn.BatchNorm1d(*sizes)\n", "has arguments that no LayerNorm takes"),
        ("bn = nn.BatchNorm1d(eps=1e-3)\n", "number of features is not visible"),
    ],
)
def test_what_cannot_be_rewritten_is_refused(text, why):
    marker = "build" if "build" in text else "BatchNorm"
    with pytest.raises(Unpatchable, match=why):
        by_rows(text, marker)
