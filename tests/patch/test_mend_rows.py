"""Rows of numbers only: where all of them are held, or else batch by batch."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import MendRows
from unstuck.patch import Unpatchable

FULL = code("""
    import torch
    x, y = load()
    model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.Adam(model.parameters())
    for step in range(100):
        loss = loss_fn(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
""")


def mended(text, *leave, fill="", dims=(2, 2), forward="model(", loss="loss_fn(", endless=False):
    edit = MendRows(where(text, forward), where(text, loss), fill, leave, dims, endless)
    return changes(text, edit)


def test_rows_are_left_out_behind_where_they_are_made():
    expected = "+known = torch.isfinite(x).all(1)\n+x, y = x[known], y[known]"
    assert mended(FULL, "inputs") == expected


def test_a_row_of_targets_is_asked_as_it_is():
    expected = "+known = torch.isfinite(y)\n+x, y = x[known], y[known]"
    assert mended(FULL, "targets", dims=(2, 1)) == expected


def test_both_parts_can_have_holes():
    assert mended(FULL, "inputs", "targets").splitlines()[0] == (
        "+known = torch.isfinite(x).all(1) & torch.isfinite(y).all(1)"
    )


def test_rows_with_more_axes_are_flattened_for_the_question():
    assert mended(FULL, "inputs", dims=(4, 2)).splitlines()[0] == (
        "+known = torch.isfinite(x).reshape(len(x), -1).all(1)"
    )


def test_values_that_are_set_later_are_waited_for():
    text = FULL.replace("x, y = load()\n", "x, y = load()\nx[3, 0] = 0 / zero\ny /= y.std()\n")
    text = text.replace("model = ", "y.clamp_(-3, 3)\nmodel = ")
    lines = text.splitlines()
    edit = MendRows(where(text, "loss_fn("), where(text, "loss_fn("), "", ("inputs",), (2, 2))
    from patching import patch

    diff = patch(text, edit).diff.splitlines()
    assert diff[diff.index("+known = torch.isfinite(x).all(1)") - 1] == " y.clamp_(-3, 3)"
    assert "y.clamp_(-3, 3)" in lines


def test_the_data_set_is_built_of_what_is_left():
    text = code("""
        import torch

        def main():
            x = torch.load("x.pt")
            y = torch.load("y.pt")
            loader = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True)
            net = nn.Linear(2, 1)
            opt = torch.optim.Adam(net.parameters())
            for xb, yb in loader:
                loss = F.mse_loss(net(xb), yb)
                loss.backward()
                opt.step()
    """)
    expected = "+    known = torch.isfinite(x).all(1)\n+    x, y = x[known], y[known]"
    assert mended(text, "inputs", forward="net(xb)", loss="mse_loss") == expected


def test_arrays_are_asked_by_numpy():
    text = code("""
        import numpy as np
        import torch
        table = np.loadtxt("table.csv")
        label = np.loadtxt("label.csv")
        X = torch.from_numpy(table).float()
        t = torch.from_numpy(label).long()
        opt = torch.optim.Adam(net.parameters())
        for epoch in range(20):
            order = torch.randperm(len(X))
            for i in range(0, len(X), 50):
                idx = order[i : i + 50]
                loss = F.cross_entropy(net(X[idx]), t[idx])
                opt.zero_grad()
                loss.backward()
                opt.step()
    """)
    expected = "+known = torch.isfinite(X).reshape(len(X), -1).all(1)\n+X, t = X[known], t[known]"
    assert mended(text, "inputs", forward="net(X", loss="cross_entropy", dims=(2, 1)) == expected


def test_rows_that_were_counted_before_are_not_left_out_behind_that():
    text = FULL.replace("x, y = load()\n", "x = load()\nn = len(x)\ny = torch.sin(x[:, :1])\n")
    with pytest.raises(Unpatchable, match="not visible"):
        mended(text, "inputs")


def test_batches_of_a_hidden_origin_are_mended_in_the_loop():
    text = code("""
        import torch
        loader = DataLoader(Sensors(400), batch_size=25)
        opt = torch.optim.Adam(net.parameters())
        for xb, yb in loader:
            opt.zero_grad()
            loss = crit(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    """)
    expected = "+    known = torch.isfinite(xb).all(1)\n+    xb, yb = xb[known], yb[known]"
    assert mended(text, "inputs", dims=(2, 1), forward="net(xb)", loss="crit(") == expected


def test_a_network_that_learns_its_inputs_has_one_variable():
    text = FULL.replace("model(x), y", "model(x), x")
    assert mended(text, "inputs") == "+known = torch.isfinite(x).all(1)\n+x = x[known]"


def test_holes_are_filled_in_with_medians():
    assert mended(FULL, fill="median") == (
        "+x = torch.where(torch.isfinite(x), x, x.nanmedian(0).values)"
    )


@pytest.mark.parametrize(
    ("endless", "more"), [(False, ""), (True, ", nan=0.0, posinf=0.0, neginf=0.0")]
)
def test_a_feature_without_numbers_becomes_zero(endless, more):
    assert mended(FULL, fill="zero", endless=endless) == f"+x = torch.nan_to_num(x{more})"


def test_inputs_are_filled_in_before_rows_are_left_out():
    assert mended(FULL, "targets", fill="median").splitlines() == [
        "+x = torch.where(torch.isfinite(x), x, x.nanmedian(0).values)",
        "+known = torch.isfinite(y).all(1)",
        "+x, y = x[known], y[known]",
    ]


def test_other_rows_that_may_lack_the_same_are_not_forgotten():
    text = FULL + "print(model(x_test))\n"
    with pytest.raises(Unpatchable, match="x_test"):
        mended(text, fill="median")


def test_a_name_that_is_taken_is_not_used_again():
    text = FULL.replace("x, y = load()", "x, y, known = load()")
    assert mended(text, "inputs").startswith("+complete = ")
