"""Freed memory is kept between the steps of an ensemble."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, torch
from unstuck.trial.memory import keep_freed
torch.set_num_threads(1)
if {keep}:
    assert keep_freed()
def step():
    torch.ones(16_000_000)  # 64 MB: beyond what the allocator learns to keep by itself
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(40):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*, keep: bool) -> int:
    code = FAULTS.format(keep=keep)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(ran.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_steps_no_longer_fault_their_memory_in_anew() -> None:
    assert faults(keep=True) < 0.3 * faults(keep=False)
