"""What is different between two trainings, each with the transplant that puts B's value into A."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from unstuck.compare.graft import grafted
from unstuck.core.change import Change, Kind
from unstuck.core.layers import compared_by, layers
from unstuck.core.setup import Json, Optimizer, Parameter, Setup, Tensor
from unstuck.core.transform import Unchangeable

CLOSE = 1e-5
"""Of the largest number: float32 tables that were computed in another order differ by less."""

ENOUGH = 1e-12
"""Of settings that are numbers: what two frameworks write for the same one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """part: ``data``, ``initialisation``, ``network``, ``loss``, ``optimizer`` or ``loop``; name: what of it; a, b: in
    words; change: puts B's into A, None where that has no meaning, because of `because`.
    """

    part: str
    name: str
    a: str
    b: str
    change: Change | None
    because: str = ""


def differences(a: Setup, b: Setup) -> list[Difference]:
    """Return what is different, in the order in which it acts: the rows first, the loop's habits last."""
    found = [
        *_data(a, b),
        *_network(a, b),
        *_loss(a, b),
        *_optimizer(a, b),
        *_plan(a, b),
        *_loop(a, b),
    ]
    return found


def _change(name: str, said: str, setup: Any) -> Change:
    return Change(name, f"take B's {name}: {said}", setup, kind=Kind.DATA)


def _difference(part: str, name: str, a: str, b: str, setup: Any) -> Difference:
    return Difference(part, name, a, b, _change(name, b, setup))


# the rows


def _data(a: Setup, b: Setup) -> Iterator[Difference]:
    told = [
        _rows(s, slots) for s in (a, b) for slots in (s.program.inputs[:1], s.program.targets[:1])
    ]
    in_a, out_a, in_b, out_b = told
    if in_a is None or in_b is None or out_a is None or out_b is None:
        return
    if len(in_a) != len(in_b):
        yield Difference("data", "rows", f"{len(in_a):,}", f"{len(in_b):,}", None, "other rows")
        return
    shaped = out_a.shape != out_b.shape and out_a.size == out_b.size
    both = [
        _sorted(x.reshape(len(x), -1), y.reshape(len(y), -1))
        for x, y in ((in_a, out_a), (in_b, out_b))
    ]
    same_targets = _alike(both[0][1], both[1][1])
    if shaped and same_targets:
        reshaped = functools.partial(_with_rows, slot=a.program.targets[0], shape=out_b.shape[1:])
        yield _difference(
            "data", "shape of the targets", str(out_a.shape), str(out_b.shape), reshaped
        )
    elif not same_targets:
        yield Difference(
            "data",
            "targets",
            _told(out_a),
            _told(out_b),
            None,
            "losses of other targets cannot be compared",
        )
        return
    if in_a.shape == in_b.shape and not _alike(both[0][0], both[1][0]):
        moved = functools.partial(_with_data, inputs=in_b, targets=out_b.reshape(out_a.shape))
        yield _difference("data", "inputs", _told(in_a), _told(in_b), moved)


def _rows(setup: Setup, slots: tuple[int, ...]) -> Tensor | None:
    return setup.data.rows.get(slots[0]) if slots else None


def _sorted(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return rows (n, d) and (n, k) in an order of their own: by targets, then inputs, both ranked."""
    keys = [*inputs.T[::-1], *targets.T[::-1]]
    order = np.lexsort([np.round(key.astype(float), 6) for key in keys])
    return inputs[order], targets[order]


def _alike(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    size = float(np.abs(one).max(initial=0.0))
    return bool(
        np.allclose(one.astype(float), other.astype(float), rtol=0, atol=CLOSE * max(size, 1e-30))
    )


def _told(rows: Tensor) -> str:
    values = rows.astype(float)
    return f"mean {values.mean():.3g}, spread {values.std():.3g}"


def _with_rows(setup: Setup, slot: int, shape: tuple[int, ...]) -> Setup:
    rows = setup.data.rows[slot]
    data = dataclasses.replace(setup.data, rows={**setup.data.rows, slot: rows.reshape(-1, *shape)})
    return dataclasses.replace(setup, data=data)


def _with_data(setup: Setup, inputs: Tensor, targets: Tensor) -> Setup:
    (first, *_), (second, *_) = setup.program.inputs, setup.program.targets
    old = setup.data.rows
    rows = {
        **old,
        first: inputs.astype(old[first].dtype),
        second: targets.reshape(-1, *old[second].shape[1:]).astype(old[second].dtype),
    }
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))


# the network and how it begins


def _network(a: Setup, b: Setup) -> Iterator[Difference]:
    said = _shape(a), _shape(b)
    if said[0] != said[1]:
        yield _difference("network", "network", *said, functools.partial(_with_network, other=b))
        return
    pairs = list(zip(a.parameters, b.parameters, strict=False))
    if len(a.parameters) != len(b.parameters) or not all(_paired(*pair) for pair in pairs):
        return
    unlike = [(one, other) for one, other in pairs if _begins(one) != _begins(other)]
    if unlike:
        one, other = unlike[0]
        setup = functools.partial(with_draws, others=b.parameters)
        yield _difference("initialisation", "initialisation", _begins(one), _begins(other), setup)


def _shape(setup: Setup) -> str:
    return " ".join(
        f"{one.inputs}-{one.outputs}{f' {one.activation_name}' if one.activation_name else ''}"
        for one in layers(setup)
    )


def _paired(one: Parameter, other: Parameter) -> bool:
    return one.start.shape in (other.start.shape, other.start.shape[::-1])


def _begins(one: Parameter) -> str:
    return " then ".join(
        f"{draw.how}({', '.join(f'{number:.4g}' for number in draw.numbers)})" for draw in one.draws
    )


def with_draws(setup: Setup, others: tuple[Parameter, ...]) -> Setup:
    """Draw each weight as its like in B, which may be stored turned round, is drawn."""
    new = [
        dataclasses.replace(one, draws=other.draws, start=_turned(other.start, one.start))
        for one, other in zip(setup.parameters, others, strict=True)
    ]
    return dataclasses.replace(setup, parameters=tuple(new))


def _turned(value: Tensor, like: Tensor) -> Tensor:
    """Return a weight as the other framework stores it: (inputs, outputs) or (outputs, inputs)."""
    return (value if value.shape == like.shape else value.T).astype(like.dtype)


def _with_network(setup: Setup, other: Setup) -> Setup:
    """Return A with B's network and its draws; rows, loss, optimizer and loop stay A's."""
    if compared_by(setup.program) != compared_by(other.program):
        raise Unchangeable("the networks are compared with their targets by other losses")
    if len(setup.optimizer.groups) > 1:
        raise Unchangeable("A's parameters have settings of their own, and B has other parameters")
    here, there = setup.program, other.program
    slots = dict(zip((*there.inputs, *there.targets), (*here.inputs, *here.targets), strict=False))
    rows = {slot: setup.data.rows[mine] for slot, mine in slots.items() if mine in setup.data.rows}
    parameters = tuple(dataclasses.replace(p, group=min(p.group, 0)) for p in other.parameters)
    data = dataclasses.replace(setup.data, rows=rows, originals={}, unseen={})
    return dataclasses.replace(setup, program=there, parameters=parameters, data=data)


# the loss


def _loss(a: Setup, b: Setup) -> Iterator[Difference]:
    names = _compares(a), _compares(b)
    if names[0] != names[1]:
        setup = functools.partial(grafted, other=b)
        yield _difference("loss", "loss", *names, setup)


def _compares(setup: Setup) -> str:
    return ", ".join(sorted(compared_by(setup.program)))


# the optimizer


def _optimizer(a: Setup, b: Setup) -> Iterator[Difference]:
    one, other = a.optimizer, b.optimizer
    if one.kind != other.kind or len(one.groups) != len(other.groups):
        said = _rule(one), _rule(other)
        yield _difference(
            "optimizer", "optimizer", *said, functools.partial(_with_optimizer, other=b)
        )
        return
    keys = dict.fromkeys(key for group in (*one.groups, *other.groups) for key in group)
    for key in keys:
        mine, theirs = ([group.get(key) for group in o.groups] for o in (one, other))
        if not _equal(mine, theirs):
            setup = functools.partial(_with_setting, key=key, values=tuple(theirs))
            yield _difference("optimizer", key, _value(mine), _value(theirs), setup)
    if one.schedule != other.schedule:
        said = _schedule(one), _schedule(other)
        setup = functools.partial(_with_schedule, schedule=other.schedule)
        yield _difference("optimizer", "schedule", *said, setup)


def _rule(optimizer: Optimizer) -> str:
    return f"{optimizer.kind} with a rate of {optimizer.rate:g}"


def _schedule(optimizer: Optimizer) -> str:
    return "a schedule" if optimizer.schedule else "none"


def _equal(mine: Json, theirs: Json) -> bool:
    if isinstance(mine, int | float) and isinstance(theirs, int | float):
        return abs(mine - theirs) <= ENOUGH * max(abs(mine), abs(theirs))
    if isinstance(mine, list | tuple) and isinstance(theirs, list | tuple):
        return len(mine) == len(theirs) and all(map(_equal, mine, theirs))
    return bool((mine or 0) == (theirs or 0))  # unset, off and nought are the same


def _value(values: list[Json]) -> str:
    return str(values[0] if len(values) == 1 else values)


def _with_optimizer(setup: Setup, other: Setup) -> Setup:
    group = other.optimizer.groups[0]
    parameters = tuple(dataclasses.replace(p, group=min(p.group, 0)) for p in setup.parameters)
    optimizer = dataclasses.replace(other.optimizer, groups=(group,))
    return dataclasses.replace(setup, optimizer=optimizer, parameters=parameters)


def _with_setting(setup: Setup, key: str, values: tuple[Json, ...]) -> Setup:
    groups = tuple(
        {**group, key: value} for group, value in zip(setup.optimizer.groups, values, strict=True)
    )
    return dataclasses.replace(setup, optimizer=dataclasses.replace(setup.optimizer, groups=groups))


def _with_schedule(setup: Setup, schedule: tuple[tuple[int, float], ...]) -> Setup:
    return dataclasses.replace(
        setup, optimizer=dataclasses.replace(setup.optimizer, schedule=schedule)
    )


# the loop


def _plan(a: Setup, b: Setup) -> Iterator[Difference]:
    for name, field in (("updates", "steps"), ("batch", "batch"), ("order of the rows", "order")):
        mine, theirs = getattr(a.plan, field), getattr(b.plan, field)
        if mine != theirs:
            setup = functools.partial(_with_plan, field=field, value=theirs)
            yield _difference("loop", name, str(mine), str(theirs), setup)


def _with_plan(setup: Setup, field: str, value: Any) -> Setup:
    plan: dict[str, Any] = {field: value, "first": ()}
    return dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, **plan))


HABITS = {
    "clears": "when gradients are cleared",
    "backwards": "backward passes an update",
    "steps": "whether updates are made",
    "recreated": "whether the optimizer is built anew",
    "clip_norm": "clipping of the norm",
    "clip_value": "clipping of values",
    "clip_each": "clipping of each parameter",
    "evaluates": "when it is put into evaluation mode",
}
"""The fields of a Loop that are compared, in words."""


def _loop(a: Setup, b: Setup) -> Iterator[Difference]:
    for field, name in HABITS.items():
        mine, theirs = getattr(a.loop, field), getattr(b.loop, field)
        if mine != theirs:
            setup = functools.partial(_with_habit, field=field, value=theirs)
            yield _difference("loop", name, str(mine), str(theirs), setup)


def _with_habit(setup: Setup, field: str, value: Any) -> Setup:
    return dataclasses.replace(setup, loop=dataclasses.replace(setup.loop, **{field: value}))
