"""Another batch size."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import SetBatch
from unstuck.patch import Unpatchable


def batch(text, value=16, old=64, rows=200):
    return SetBatch(where(text, "step()"), value, old, rows)


def test_a_loader_is_told_another_size():
    text = code("""
        loader = DataLoader(data, batch_size=64, shuffle=True)
        for x, y in loader:
            opt.step()
    """)
    assert changes(text, batch(text)) == (
        "-loader = DataLoader(data, batch_size=64, shuffle=True)\n"
        "+loader = DataLoader(data, batch_size=16, shuffle=True)"
    )


def test_a_constant_is_followed():
    text = code("""
        BATCH = 64
        loader = torch.utils.data.DataLoader(data, BATCH, shuffle=True)
        for x, y in loader:
            opt.step()
    """)
    assert changes(text, batch(text)) == "-BATCH = 64\n+BATCH = 16"


def test_a_batch_that_holds_all_rows_may_have_been_told_a_larger_size():
    text = code("""
        loader = DataLoader(data, batch_size=1024, shuffle=True)
        for x, y in loader:
            opt.step()
    """)
    assert "+loader = DataLoader(data, batch_size=16, shuffle=True)" in changes(
        text, batch(text, old=200)
    )


def test_the_stride_of_a_loop_over_rows_changes_with_its_slices():
    text = code("""
        size = 64
        for epoch in range(100):
            order = torch.randperm(200)
            for i in range(0, 200, size):
                rows = order[i:i + size]
                opt.step()
    """)
    assert changes(text, batch(text)) == "-size = 64\n+size = 16"


def test_a_named_stride_is_changed_where_it_is_named_whatever_is_done_with_the_rows():
    text = code("""
        size = 64
        for epoch in range(100):
            order = torch.randperm(200)
            for i in range(0, 200, size):
                end = min(i + size, 200)
                rows = order[i:end]
                loss = crit(net(x[rows]), y[rows])
                opt.step()
    """)
    assert changes(text, batch(text)) == "-size = 64\n+size = 16"


def test_a_stride_that_is_written_out_changes_with_its_slices():
    text = code("""
        for epoch in range(100):
            for i in range(0, 200, 64):
                loss = crit(net(x[i:i + 64]), y[i : i + 64])
                opt.step()
    """)
    assert changes(text, batch(text)) == (
        "-    for i in range(0, 200, 64):\n"
        "-        loss = crit(net(x[i:i + 64]), y[i : i + 64])\n"
        "+    for i in range(0, 200, 16):\n"
        "+        loss = crit(net(x[i:i + 16]), y[i : i + 16])"
    )


def test_a_split_is_told_another_size():
    text = code("""
        for epoch in range(100):
            for rows in torch.randperm(200).split(64):
                opt.step()
    """)
    assert "+    for rows in torch.randperm(200).split(16):" in changes(text, batch(text))


UNWRITABLE = {
    "a size that is computed": """
        loader = DataLoader(data, batch_size=len(data) // 3)
        for x, y in loader:
            opt.step()
    """,
    "two loaders": """
        train = DataLoader(data, batch_size=64)
        test = DataLoader(more, batch_size=32 * 2)
        for x, y in train:
            opt.step()
    """,
    "no batches": """
        for epoch in range(64):
            opt.step()
    """,
}


@pytest.mark.parametrize("case", UNWRITABLE)
def test_it_is_not_written_with(case):
    text = code(UNWRITABLE[case])
    with pytest.raises(Unpatchable):
        patch(text, batch(text))
