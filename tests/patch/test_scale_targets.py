"""Standardised targets: in the loss only, with predictions turned back where people read them."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import ScaleTargets
from unstuck.patch import Unpatchable
from unstuck.patch.edits.scale_targets import tidy


def scale(text, loss, forward, mean=(312.4,), spread=(2.07,), **more):
    return ScaleTargets(where(text, loss), where(text, forward), mean, spread, **more)


def test_the_loss_compares_with_standardised_targets_and_readers_get_values_back():
    text = code("""
        x = torch.randn(200, 3)
        y = 312.4 + x.sin().sum(1, keepdim=True)
        net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
        for step in range(100):
            loss = loss_fn(net(x), y)
            loss.backward()
        print(net(x[:1]).item(), net(x).shape)
    """)
    assert changes(text, scale(text, "loss_fn", "loss_fn")) == (
        "+y_mean, y_std = y.mean(), y.std()\n"
        "-    loss = loss_fn(net(x), y)\n"
        "+    loss = loss_fn(net(x), (y - y_mean) / y_std)\n"
        "-print(net(x[:1]).item(), net(x).shape)\n"
        "+print((net(x[:1]) * y_std + y_mean).item(), net(x).shape)"
    )


def test_a_named_prediction_is_turned_back_by_everyone_but_the_loss():
    text = code("""
        kelvin = 290 + torch.randn(200)
        loader = DataLoader(TensorDataset(rows, kelvin), batch_size=20)
        net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
        for xb, yb in loader:
            out = net(xb)
            out = out.squeeze(1)
            loss = ((out - yb) ** 2).mean()
            loss.backward()
            total += (out - yb).abs().sum()
            assert out.shape == yb.shape
    """)
    assert changes(text, scale(text, "** 2", "net(xb)")) == (
        "+kelvin_mean, kelvin_std = kelvin.mean(), kelvin.std()\n"
        "-    loss = ((out - yb) ** 2).mean()\n"
        "+    loss = ((out - (yb - kelvin_mean) / kelvin_std) ** 2).mean()\n"
        "-    total += (out - yb).abs().sum()\n"
        "+    total += ((out * kelvin_std + kelvin_mean) - yb).abs().sum()"
    )


def test_a_plain_function_of_weights_is_the_network_that_its_callers_run():
    text = code("""
        y = 290 + torch.randn(200, 1)
        w = torch.randn(3, 1, requires_grad=True)

        def model(x):
            return torch.tanh(x @ w)

        for step in range(100):
            out = model(x)
            loss = loss_fn(out, y)
            loss.backward()
        print(model(x[:1]).item())
    """)
    assert changes(text, scale(text, "loss_fn", "x @ w")) == (
        "+y_mean, y_std = y.mean(), y.std()\n"
        "-    loss = loss_fn(out, y)\n"
        "+    loss = loss_fn(out, (y - y_mean) / y_std)\n"
        "-print(model(x[:1]).item())\n"
        "+print((model(x[:1]) * y_std + y_mean).item())"
    )


def test_numbers_are_written_out_where_the_targets_have_no_name_that_is_seen():
    text = code("""
        class Prices(Dataset):
            def __getitem__(self, i):
                return self.x[i], self.y[i]

        def evaluate(model, x):
            return model(x)

        def main():
            net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
            for xb, yb in DataLoader(Prices()):
                loss = F.mse_loss(net(xb), yb)
                loss.backward()
            print(evaluate(net, xb))
    """)
    assert changes(text, scale(text, "mse_loss", "mse_loss", (-312.42,), (20.71,))) == (
        "-    return model(x)\n"
        "+    return model(x) * 20.7 - 312.4\n"
        "-        loss = F.mse_loss(net(xb), yb)\n"
        "+        loss = F.mse_loss(net(xb), (yb + 312.4) / 20.7)"
    )


def test_columns_keep_their_own_statistics():
    text = code("""
        state = torch.stack([a, b], 1)
        net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
        def step(x, y):
            loss = crit(net(x), y)
            loss.backward()
        for i in range(0, 200, 50):
            step(rows[i:i + 50], state[i:i + 50])
    """)
    edit = scale(text, "loss = crit", "loss = crit", (1.0, 2.0), (1.0, 2.0))
    assert changes(text, edit) == (
        "+state_mean, state_std = state.mean(0), state.std(0)\n"
        "-    loss = crit(net(x), y)\n"
        "+    loss = crit(net(x), (y - state_mean) / state_std)"
    )


def test_a_loss_of_the_users_own_is_changed_where_the_training_calls_it():
    text = code("""
        def msd(a, b):
            return torch.mean((a - b) ** 2)

        y = 500 + torch.randn(100, 1)
        net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
        for epoch in range(9):
            pred = net(x)
            loss = msd(pred, y)
            loss.backward()
        print(msd(net(x_val), y_val))
    """)
    assert changes(text, scale(text, "torch.mean", "pred = net")) == (
        "+y_mean, y_std = y.mean(), y.std()\n"
        "-    loss = msd(pred, y)\n"
        "+    loss = msd(pred, (y - y_mean) / y_std)\n"
        "-print(msd(net(x_val), y_val))\n"
        "+print(msd(net(x_val) * y_std + y_mean, y_val))"
    )


def test_a_network_that_is_trained_twice_is_left_alone():
    text = code("""
        y = 500 + torch.randn(100, 1)
        net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
        for epoch in range(9):
            loss = crit(net(x), y)
            loss.backward()
        for epoch in range(9):
            again = crit(net(x), y)
            again.backward()
    """)
    with pytest.raises(Unpatchable, match="more than one place"):
        changes(text, scale(text, "loss = crit", "loss = crit"))


def test_a_prediction_whose_way_is_not_seen_is_left_alone():
    text = code("""
        net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
        def ahead(rows):
            return net(rows)
        for epoch in range(9):
            loss = crit(ahead(x), y)
            loss.backward()
    """)
    with pytest.raises(Unpatchable, match="not visible"):
        changes(text, scale(text, "loss = crit", "return net"))


def test_a_mean_is_written_to_a_hundredth_of_the_spread():
    assert tidy(6771.123456, 0.0412345) == (6771.1235, 0.0412)
    assert tidy(-251612.4, 64278.9) == (-251600.0, 64300.0)


def test_logarithms_are_standardised_and_predictions_raised_back():
    text = code("""
        x, y = load()
        net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
        for step in range(100):
            loss = loss_fn(net(x), y)
            loss.backward()
        print(net(x[:1]).item())
        best = net(x).max()
    """)
    edit = scale(text, "loss_fn", "loss_fn", (1.24,), (2.07,), logarithm=True)
    assert changes(text, edit) == (
        "+y_mean, y_std = y.log().mean(), y.log().std()\n"
        "-    loss = loss_fn(net(x), y)\n"
        "+    loss = loss_fn(net(x), (y.log() - y_mean) / y_std)\n"
        "-print(net(x[:1]).item())\n"
        "-best = net(x).max()\n"
        "+print((net(x[:1]) * y_std + y_mean).exp().item())\n"
        "+best = (net(x) * y_std + y_mean).exp().max()"
    )


def test_numbers_of_logarithms_are_written_out_where_the_targets_have_no_name():
    text = code("""
        def main():
            net = nn.Linear(3, 1)
            for xb, yb in DataLoader(Prices()):
                loss = F.mse_loss(net(xb), yb)
                loss.backward()
    """)
    edit = scale(text, "mse_loss", "mse_loss", (-3.2,), (2.07,), logarithm=True)
    assert changes(text, edit) == (
        "-        loss = F.mse_loss(net(xb), yb)\n"
        "+        loss = F.mse_loss(net(xb), (yb.log() + 3.2) / 2.07)"
    )
