"""What comes next depends on complete results alone."""

import dataclasses

from lab.grids import SMALL, study
from unstuck.lab.plan import How, cells
from unstuck.lab.rounds import changes, ranges, rounds
from unstuck.lab.study.study import Budget

GRID = SMALL.replace("[0.1, 1.0]", "[0.1, 0.2, 0.3, 0.4]").replace("[[2, 2], [4, 4]]", "[[2, 2]]")


def planned(text, counts, **budget):
    wanted = study(text)
    wanted = dataclasses.replace(wanted, budget=Budget(**budget))
    made = cells(wanted, How())
    named = {made[at].key: count for at, count in counts.items()}
    found = rounds(wanted, made).next(named)
    order = {one.key: at for at, one in enumerate(made)}
    return [(order[one.key], given) for one, given in found]


def test_without_more_ado_every_cell_gets_all_its_starts_at_once() -> None:
    found = planned(GRID, {}, seeds=50, chunk=30)
    assert found == [(at, given) for given in [(0, 30), (30, 20)] for at in range(4)]


def test_a_cell_whose_interval_is_narrow_gets_no_more() -> None:
    counts = {0: (0, 100), 1: (50, 100), 2: (100, 100), 3: (1, 100)}
    found = planned(GRID, counts, seeds=1000, least=100, narrow=0.1, chunk=1000)
    assert found == [(1, (100, 100))]


def test_the_budget_goes_where_the_diagram_changes() -> None:
    counts = {0: (50, 100), 1: (50, 100), 2: (52, 100), 3: (90, 100)}
    found = planned(GRID, counts, seeds=1000, least=100, narrow=0.01, networks=500)
    assert found == [(2, (100, 100))]


def test_neighbours_differ_in_one_place_of_one_axis() -> None:
    made = cells(study(GRID), How())
    shares = {one.key: share for one, share in zip(made, [0.1, 0.2, 0.9, 0.9], strict=True)}
    assert [round(changes(made, shares)[one.key], 2) for one in made] == [0.1, 0.7, 0.7, 0.0]


def test_halving_takes_the_best_half_further() -> None:
    text = GRID + '[search]\nkind = "halving"\n'
    first = planned(text, {}, seeds=80, least=20)
    assert first == [(at, (0, 20)) for at in range(4)]
    counts = {0: (1, 20), 1: (9, 20), 2: (9, 20), 3: (0, 20)}
    assert planned(text, counts, seeds=80, least=20) == [(1, (20, 20)), (2, (20, 20))]
    counts |= {1: (12, 40), 2: (30, 40)}
    assert planned(text, counts, seeds=80, least=20) == [(2, (40, 40))]


def test_ranges_of_a_cell_follow_one_another() -> None:
    assert list(ranges(Budget(seeds=900, least=100, chunk=300), growing=True)) == [
        (0, 100), (100, 100), (200, 200), (400, 300), (700, 200),
    ]  # fmt: skip
