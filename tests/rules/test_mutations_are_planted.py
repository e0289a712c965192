"""The list of mutations keeps up with the source: each one can still be planted, in one place."""

import pytest
from mutations import MUTATIONS, ROOT, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: f"{one.file}:{one.old[:30]}")
def test_it_can_be_planted(mutation: Mutation) -> None:
    assert mutation.old != mutation.new
    assert (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.old) == 1
