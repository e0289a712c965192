"""Waves beside the rows: where they are put, what else is given them, and the layer that takes them."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import AddWaves, Resize, ScaleInputs
from unstuck.patch import Unpatchable

ONE = ((37.7,),)


def edits(text, forward, built, waves=ONE, units=16):
    inputs, count = len(waves), len(waves[0])
    resize = Resize(where(text, built), "Linear", (inputs, inputs + 2 * count), (units, units))
    return AddWaves(where(text, forward), waves), resize


def test_a_tensor_gets_its_waves_after_the_targets_are_made_from_it():
    text = code("""
        import torch
        x = torch.linspace(0, 1, 500).unsqueeze(1)
        y = torch.sin(37.7 * x)
        net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
        for step in range(1000):
            loss = ((net(x) - y) ** 2).mean()
    """)
    assert changes(text, *edits(text, "net(x)", "nn.Linear")) == (
        "-net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))\n"
        "+waves = torch.tensor([[37.7]])\n"
        "+x = torch.cat([x, torch.sin(x @ waves), torch.cos(x @ waves)], dim=1)\n"
        "+net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))"
    )


def test_a_layer_that_asks_the_rows_for_their_width_stays_as_it_is():
    text = code("""
        import torch
        x = 2 * t - 1
        net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.Tanh(), nn.Linear(16, 1))
        for step in range(900):
            i = torch.randint(0, len(x), (256,))
            loss = ((net(x[i]) - wave[i]) ** 2).mean()
        print(((net(x) - wave) ** 2).mean())
    """)
    assert changes(text, *edits(text, "net(x[i])", "nn.Linear")) == (
        "+waves = torch.tensor([[37.7]])\n"
        "+x = torch.cat([x, torch.sin(x @ waves), torch.cos(x @ waves)], dim=1)"
    )


def test_a_layer_that_asked_before_the_rows_are_read_once_more_gets_the_number():
    text = code("""
        import torch
        x = load()
        net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.Tanh(), nn.Linear(16, 1))
        y = torch.sin(9 * x)
        for step in range(900):
            loss = ((net(x) - y) ** 2).mean()
    """)
    assert changes(text, *edits(text, "net(x) - y", "nn.Linear")) == (
        "-net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.Tanh(), nn.Linear(16, 1))\n"
        "+net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))\n"
        "+waves = torch.tensor([[37.7]])\n"
        "+x = torch.cat([x, torch.sin(x @ waves), torch.cos(x @ waves)], dim=1)"
    )


def test_other_rows_are_given_the_same_waves_by_a_function():
    text = code("""
        import torch
        x = torch.rand(500, 1)
        y = torch.sin(37.7 * x)

        net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
        for step in range(1000):
            loss = ((net(x) - y) ** 2).mean()
        print(net(torch.linspace(0, 1, 9).unsqueeze(1)))
    """)
    assert changes(text, *edits(text, "net(x) - y", "nn.Linear")) == (
        "+waves = torch.tensor([[37.7]])\n"
        "-net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))\n"
        "+\n"
        "+def with_waves(x):\n"
        "+    return torch.cat([x, torch.sin(x @ waves), torch.cos(x @ waves)], dim=1)\n"
        "+\n"
        "+\n"
        "+x = with_waves(x)\n"
        "+\n"
        "+net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))\n"
        "-print(net(torch.linspace(0, 1, 9).unsqueeze(1)))\n"
        "+print(net(with_waves(torch.linspace(0, 1, 9).unsqueeze(1))))"
    )


def test_rows_of_a_data_set_get_theirs_before_it_is_built():
    text = code("""
        import torch
        def main():
            coords = grid(48)
            loader = DataLoader(TensorDataset(coords, grey), batch_size=64)
            model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
            for epoch in range(9):
                for c, g in loader:
                    loss = mse(model(c), g)
            print(mse(model(coords), grey))
    """)
    waves = ((40.0, 40.0, 0.0), (21.0, 3.0, 9.123456))
    assert changes(text, *edits(text, "model(c)", "nn.Linear", waves)) == (
        "+    waves = torch.tensor([[40.0, 40.0, 0.0], [21.0, 3.0, 9.123]])\n"
        "+    coords = torch.cat([coords, torch.sin(coords @ waves), torch.cos(coords @ waves)], dim=1)\n"
        "-    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))\n"
        "+    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))"
    )


def test_arrays_of_numpy_get_theirs_as_arrays():
    text = code("""
        import numpy as np
        import torch
        hours = np.arange(1440, dtype=np.float32)[:, None]
        level = np.cos(0.5 * hours)
        net = Tide(torch.nn.Linear(1, 16))
        for step in range(1000):
            loss = mse(net(torch.from_numpy(hours)), torch.from_numpy(level))
    """)
    assert changes(text, *edits(text, "net(torch", "Linear")) == (
        "-net = Tide(torch.nn.Linear(1, 16))\n"
        "+waves = np.array([[37.7]], dtype=hours.dtype)\n"
        "+hours = np.concatenate([hours, np.sin(hours @ waves), np.cos(hours @ waves)], axis=1)\n"
        "+net = Tide(torch.nn.Linear(3, 16))"
    )


def test_rows_that_are_kept_elsewhere_make_the_waves_of_their_kind():
    text = code("""
        import torch
        device = torch.device("cuda")
        x = torch.rand(500, 1).to(device)
        net = nn.Linear(1, 16).to(device)
        for step in range(1000):
            loss = ((net(x) - y) ** 2).mean()
    """)
    assert "+waves = x.new_tensor([[37.7]])" in changes(text, *edits(text, "net(x)", "nn.Linear"))


def test_a_long_line_of_waves_is_broken():
    text = code("""
        import torch
        x = load()

        net = nn.Linear(2, 16)
        for step in range(1000):
            loss = ((net(x) - y) ** 2).mean()
    """)
    waves = (tuple(100.5 + i for i in range(8)), tuple(-200.5 - i for i in range(8)))
    assert changes(text, *edits(text, "net(x)", "nn.Linear", waves)).startswith(
        "+waves = torch.tensor([\n"
        "+    [100.5, 101.5, 102.5, 103.5, 104.5, 105.5, 106.5, 107.5],\n"
        "+    [-200.5, -201.5, -202.5, -203.5, -204.5, -205.5, -206.5, -207.5],\n"
        "+])\n"
    )


def test_waves_of_standardised_rows_are_counted_in_spreads():
    text = code("""
        import torch
        hours = torch.arange(1440.).unsqueeze(1)
        net = nn.Linear(1, 16)
        for step in range(1000):
            loss = ((net(hours) - y) ** 2).mean()
    """)
    scale = ScaleInputs(where(text, "net(hours)"), (720.0,), (400.0,))
    assert changes(text, scale, *edits(text, "net(hours)", "nn.Linear", ((0.5,),))) == (
        "-net = nn.Linear(1, 16)\n"
        "+hours_mean, hours_std = hours.mean(0), hours.std(0)\n"
        "+hours = (hours - hours_mean) / hours_std\n"
        "+waves = torch.tensor([[200.0]])\n"
        "+hours = torch.cat([hours, torch.sin(hours @ waves), torch.cos(hours @ waves)], dim=1)\n"
        "+net = nn.Linear(3, 16)"
    )


@pytest.mark.parametrize(
    "body",
    [
        "x = torch.rand(64, 1)\n    loss = ((net(x) - torch.sin(9 * x)) ** 2).mean()",
        "loss = ((net(t.unsqueeze(1)) - y) ** 2).mean()",
        "loss = ((net(t[:, None]) - y) ** 2).mean()",
    ],
    ids=["made anew", "turned into a column", "indexed into a column"],
)
def test_rows_that_no_variable_holds_as_they_are_given_cannot_be_written(body):
    text = "import torch\nt = load()\nnet = nn.Linear(1, 16)\n"
    text += f"for step in range(1000):\n    {body}\n"
    with pytest.raises(Unpatchable, match="variable that holds the rows"):
        changes(text, *edits(text, "net(", "nn.Linear"))


def test_rows_that_the_loop_needs_as_they_are_get_theirs_at_the_call():
    text = code("""
        import torch
        x = load()
        net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
        for step in range(1000):
            loss = ((net(x) - torch.sin(37.7 * x)) ** 2).mean()
    """)
    assert changes(text, *edits(text, "net(x)", "nn.Linear")).endswith(
        "-    loss = ((net(x) - torch.sin(37.7 * x)) ** 2).mean()\n"
        "+    loss = ((net(with_waves(x)) - torch.sin(37.7 * x)) ** 2).mean()"
    )


def test_whole_numbers_become_fractions_before_they_get_waves():
    text = code("""
        import torch
        hours = torch.arange(1440).unsqueeze(1)

        net = nn.Linear(1, 16)
        for step in range(1000):
            loss = ((net(hours.float()) - y) ** 2).mean()
    """)
    assert changes(text, *edits(text, "net(hours", "nn.Linear")).startswith(
        "+hours = hours.float()\n+waves = torch.tensor([[37.7]])\n+hours = torch.cat([hours, "
    )


def test_arrays_that_are_cast_later_take_waves_of_any_precision():
    text = code("""
        import numpy as np
        import torch
        hours = np.arange(1440)[:, None]

        net = torch.nn.Linear(1, 16)
        for step in range(1000):
            loss = mse(net(torch.tensor(hours, dtype=torch.float32)), level)
    """)
    assert changes(text, *edits(text, "net(torch", "nn.Linear")).startswith(
        "+waves = np.array([[37.7]])\n+hours = np.concatenate([hours, np.sin("
    )


def test_rows_are_joined_by_what_the_file_imports():
    text = code("""
        from torch import nn
        x = load()
        net = nn.Linear(1, 16)
        for step in range(1000):
            loss = ((net(x) - y) ** 2).mean()
    """)
    with pytest.raises(Unpatchable, match="torch is not imported"):
        changes(text, *edits(text, "net(x)", "nn.Linear"))


def test_rows_that_are_standardised_at_several_places_get_no_waves_besides():
    text = code("""
        import torch
        x = load()
        net = nn.Linear(1, 16)
        for step in range(1000):
            loss = ((net(x) - y) ** 2).mean()
        print(net(other))
    """)
    scale = ScaleInputs(where(text, "net(x)"), (720.0,), (400.0,))
    with pytest.raises(Unpatchable, match="several places"):
        changes(text, scale, *edits(text, "net(x)", "nn.Linear"))
