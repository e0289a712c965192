"""Rows with holes are matched with what they were cut from like any others."""

import numpy as np
import pytest
from loops import LOADER

LOOP = """
for epoch in range(6):
    for a, b in loader:
        opt.zero_grad()
        loss = F.mse_loss(net(a), b)
        loss.backward()
        opt.step()
"""


@pytest.mark.parametrize("hole", ["x[:, 0] = float('nan')", "y[::8] = float('nan')"])
def test_batches_that_all_hold_holes_are_rows_of_the_data_set(watch, hole):
    found = watch(LOADER + hole + LOOP).setup
    assert found.data.count == 24 and found.data.complete
    assert sum(np.isnan(rows).any() for rows in found.data.rows.values()) == 1
    assert [len(batch) for batch in found.plan.first][:3] == [8, 8, 8]
