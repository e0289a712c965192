"""Layers of a plain list or dict put where ``parameters()`` finds them."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import RegisterLayers
from unstuck.patch import Unpatchable

NET = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            BODY

        def forward(self, x):
            return x
"""


def net(*body):
    return code(NET).replace("BODY", "\n        ".join(body))


def register(text, attribute="layers"):
    return changes(text, RegisterLayers(where(text, "nn.Linear"), attribute))


def test_a_list_is_wrapped():
    text = net("self.layers = [nn.Linear(1, 2), nn.Linear(2, 1)]")
    assert register(text).endswith(
        "+        self.layers = nn.ModuleList([nn.Linear(1, 2), nn.Linear(2, 1)])"
    )


def test_a_comprehension_is_wrapped():
    text = net("self.layers = [nn.Linear(4, 4) for _ in range(3)]")
    assert register(text).endswith(
        "+        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])"
    )


def test_a_list_over_several_lines_keeps_its_layout():
    text = net("self.layers = [", "    nn.Linear(1, 2),", "    nn.Linear(2, 1),", "]")
    assert register(text) == (
        "-        self.layers = [\n+        self.layers = nn.ModuleList([\n-        ]\n+        ])"
    )


def test_an_empty_list_that_is_filled_later_becomes_an_empty_module_list():
    text = net("self.layers = []", "for _ in range(3):", "    self.layers.append(nn.Linear(4, 4))")
    assert register(text) == "-        self.layers = []\n+        self.layers = nn.ModuleList()"


def test_dicts_become_module_dicts():
    text = net("self.parts = {'a': nn.Linear(1, 2)}")
    assert register(text, "parts").endswith("nn.ModuleDict({'a': nn.Linear(1, 2)})")
    text = net("self.parts = {}", "self.parts['a'] = nn.Linear(1, 2)")
    assert register(text, "parts").endswith("+        self.parts = nn.ModuleDict()")


def test_a_list_made_beforehand_is_wrapped_where_it_is_kept():
    text = net("layers = [nn.Linear(1, 2)]", "self.layers = layers")
    assert register(text).endswith("+        self.layers = nn.ModuleList(layers)")


def test_the_name_is_that_under_which_torch_is_imported():
    text = net("self.layers = [nn.Linear(1, 2)]").replace("from torch import nn\n", "")
    text = text.replace("nn.", "torch.nn.")
    assert register(text).endswith("torch.nn.ModuleList([torch.nn.Linear(1, 2)])")


def test_what_is_built_out_of_sight_is_refused():
    text = net("self.layers = build(nn.Linear(1, 2))")
    with pytest.raises(Unpatchable, match="something else than a list"):
        register(text)
    with pytest.raises(Unpatchable, match="no assignment of others"):
        register(text, "others")
