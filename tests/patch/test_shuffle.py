"""A loader that is begun anew for each batch is told to shuffle, where it is built."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import Shuffle
from unstuck.patch import Unpatchable

SCRIPT = code("""
    data = TensorDataset(x, y)
    LOADER
    for step in range(500):
        xb, yb = next(iter(loader))
        loss = loss_fn(model(xb), yb)
        loss.backward()
        opt.step()
""")


def mended(line):
    text = SCRIPT.replace("LOADER", line)
    return changes(text, Shuffle(where(text, "next(iter")))


@pytest.mark.parametrize(
    ("sick", "healthy"),
    [
        (
            "loader = DataLoader(data, batch_size=20)",
            "loader = DataLoader(data, batch_size=20, shuffle=True)",
        ),
        (
            "loader = DataLoader(data, 20, False, drop_last=True)",
            "loader = DataLoader(data, 20, True, drop_last=True)",
        ),
        (
            "loader = torch.utils.data.DataLoader(data, shuffle=False)",
            "loader = torch.utils.data.DataLoader(data, shuffle=True)",
        ),
    ],
)
def test_the_loader_shuffles(sick, healthy):
    assert mended(sick) == f"-{sick}\n+{healthy}"


def test_an_argument_on_lines_of_its_own_stays_there():
    assert mended("loader = DataLoader(\n    data,\n    batch_size=20,\n)") == "+    shuffle=True,"


def test_a_loader_is_followed_into_a_function():
    text = code("""
        def train(model, batches):
            for step in range(500):
                xb, yb = next(iter(batches))
                loss = loss_fn(model(xb), yb)
                loss.backward()
                opt.step()

        train(net, DataLoader(TensorDataset(x, y), batch_size=20))
    """)
    old = "train(net, DataLoader(TensorDataset(x, y), batch_size=20))"
    new = old.replace("20)", "20, shuffle=True)")
    assert changes(text, Shuffle(where(text, "next(iter"))) == f"-{old}\n+{new}"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("loader = DataLoader(data, sampler=inorder)", "sampler"),
        ("loader = DataLoader(data, shuffle=args.shuffle)", "args.shuffle"),
        ("loader = made(data)", "not visible"),
    ],
)
def test_what_cannot_be_told_is_not_written(line, why):
    with pytest.raises(Unpatchable, match=why):
        mended(line)
