"""From the tape of one step to a program: which tensors are weights, inputs, targets, prediction.

Found by walking the loss back: to leaves with a gradient (parameters) and leaves without (data).
Data that meets a parameter is an input; data that does not, and runs over rows, is a target; the
prediction is the last value that everything flowing from the inputs passes through before a target.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unstuck.core.recording import Where
from unstuck.core.setup import Json, Op, Program
from unstuck.record.torch.picked import gathered
from unstuck.record.torch.stills import marked
from unstuck.record.torch.tape import Tape
from unstuck.record.torch.taped import Taped, read_by, swapped
from unstuck.replay.functions import name_of

_SHAPERS = frozenset({"view", "reshape", "expand", "_reshape_alias", "unflatten"})


class Untraceable(ValueError):
    """The step cannot be written as a program; the message says why."""


@dataclasses.dataclass(slots=True)
class Capture:
    """One step as a program, with the tensors that it read.

    parameters: slot -> leaf; data: slots of inputs then targets -> tensor (rows, …); names of the
    operations serve to see whether later steps do the same. unbatched: the script shows the network
    one row at a time without an axis for it, so one was added.
    """

    program: Program
    parameters: dict[int, Tensor]
    data: dict[int, Tensor]
    rows: int
    signature: tuple[str, ...]
    loss_line: tuple[str, int]
    input_line: tuple[str, int]
    prediction_shape: tuple[int, ...]
    target_shape: tuple[int, ...]
    called: Where | None = None
    plain: Capture | None = None

    @property
    def trained(self) -> dict[int, Tensor]:
        """The parameters that a gradient reaches: slot -> leaf."""
        own = self if self.plain is None else self.plain
        return {slot: leaf for slot, leaf in own.parameters.items() if leaf.requires_grad}

    @property
    def row(self) -> tuple[int, ...] | None:
        """The shape of one row of what enters the network, None where that is several things."""
        inputs = self.program.inputs
        return tuple(self.data[inputs[0]].shape[1:]) if len(inputs) == 1 else None

    @property
    def answer(self) -> tuple[int, ...]:
        """The shape of one row of the prediction."""
        return self.prediction_shape[1:]

    @property
    def still(self) -> frozenset[int]:
        """The ids of parameters that no gradient reaches."""
        return frozenset(map(id, self.parameters.values())) - {id(p) for p in self.trained.values()}

    def like(self, other: Capture) -> bool:
        """Whether another step does the same operations."""
        return self.signature == other.signature and len(self.data) == len(other.data)


Is = Callable[[Tensor], bool]

MOST_STILL = 1_000_000
"""Numbers in weights that no gradient reaches, beyond which what they compute is taken for data."""


def capture(
    tape: Tape,
    loss: Tensor,
    is_buffer: Is = lambda _: False,
) -> Capture:
    """Return the program that led to `loss`. Raises Untraceable."""
    end = tape.slot(loss)
    if loss.numel() != 1:
        raise Untraceable("the loss is not a single number")
    if loss.is_leaf and (end is None or not tape.still(end)):
        end = tape.remade(loss)
    if end is None:
        raise Untraceable("the loss was computed by operations that were not seen")
    taped = _slice([op for op in tape.ops if not op.still], end)
    try:
        plain = _captured(taped, tape, end, is_buffer)
    except Untraceable:
        severed = _severed(tape, end, is_buffer)
        if severed is None:
            raise
        return severed
    return _whole(tape, plain, end, is_buffer) or plain


def _severed(tape: Tape, end: int, is_buffer: Is) -> Capture | None:
    """Return the program of a loss from which no gradient gets back to any weight, None where it has none."""
    seen = _marked(tape, _slice(tape.ops, end), end, is_buffer)
    return seen if seen is not None and seen.trained else None


def _marked(tape: Tape, taped: list[Taped], end: int, is_buffer: Is) -> Capture | None:
    """Return operations through some of which no gradient comes as a program, None where there are none."""
    if not any(op.still for op in taped):
        return None
    try:
        return _captured(marked(taped, tape.next_slot), tape, end, is_buffer)
    except Untraceable:
        return None


def _whole(tape: Tape, plain: Capture, end: int, is_buffer: Is) -> Capture | None:
    """Return the program with the weights that no gradient reaches, None where there are none.

    What is compared with the prediction stays data, however it was computed.
    """
    program = plain.program
    taped = _slice(tape.ops, end, frozenset({*program.targets, *program.constants}))
    seen = _marked(tape, taped, end, is_buffer)
    if seen is None:
        return None
    more = [leaf for slot, leaf in seen.parameters.items() if slot not in plain.parameters]
    alike = len(seen.program.targets) == len(program.targets) and seen.rows == plain.rows
    if tape.rows is not None and not program.targets and seen.program.targets:
        return seen  # rows that were turned round, as for a recurrent layer
    deeper = seen.program.inputs != program.inputs
    if not (more or deeper) or not alike or sum(leaf.numel() for leaf in more) > MOST_STILL:
        return None
    called = next((op.called for op in taped if op.called is not None), None)
    return dataclasses.replace(seen, called=called, plain=plain)


def _captured(taped: list[Taped], tape: Tape, end: int, is_buffer: Is) -> Capture:
    """Return these operations as a program. Raises Untraceable."""
    taped = gathered(taped, tape.leaves.get)
    parameters, others = _leaves(taped, tape, is_buffer)
    if not parameters:
        raise Untraceable("the loss does not depend on any parameter that was seen")
    data = {slot: tensor for slot, tensor in others.items() if not is_buffer(tensor)}
    if tape.rows is not None:
        data = {slot: one for slot, one in data.items() if not _repeated(one, tape.rows)}
    inputs, rest = _inputs(taped, data, set(parameters))
    if not inputs:
        raise Untraceable("no data enters the network")
    rows = _rows(others[inputs[0]])
    if others[inputs[0]].dim() < 2 and _is_one_row(taped, inputs[0], others[inputs[0]], parameters):
        raise Untraceable(
            "the script shows the network one row at a time, without an axis for rows: that is not"
            " followed yet"
        )
    targets = [s for s in rest if others[s].dim() and _rows(others[s]) == rows]
    inputs = [s for s in inputs if others[s].dim() and _rows(others[s]) == rows]
    if not inputs:
        raise Untraceable("the data that enters the network has no axis of rows")
    if not targets:
        taped, others, targets = _self_target(taped, others, inputs, end)
    prediction, shape = _prediction(taped, inputs, targets, rows, tape.predicted)
    ops = tuple(_op(op, rows) for op in taped)
    constants = {s: _array(t) for s, t in others.items() if s not in {*inputs, *targets}}
    if tape.rows is not None:
        constants = {s: _once(value, rows) for s, value in constants.items()}
    program = Program(ops, tuple(inputs), tuple(targets), constants, prediction, end)
    read = {slot: others[slot].detach() for slot in (*inputs, *targets)}
    return Capture(
        program,
        parameters,
        read,
        rows,
        tuple(op.name for op in ops),
        _loss_line(taped, prediction, end),
        _line(next(op for op in taped if inputs[0] in read_by(op))),
        shape,
        tuple(others[targets[0]].shape) if targets else (),
    )


def _repeated(tensor: Tensor, rows: list[Tensor]) -> bool:
    """Whether a tensor is nothing but zeros, and none of the batch: a first state."""
    return tensor.dim() > 1 and not any(tensor is one for one in rows) and not bool(tensor.any())


def _once(value: np.ndarray[Any, Any], rows: int) -> np.ndarray[Any, Any]:
    """Return one row of a constant that is the same for each, as the first state of a recurrent layer is."""
    alike = value.ndim > 1 and len(value) == rows and bool((value == value[:1]).all())
    return value[:1] if alike else value


def _is_one_row(ops: list[Taped], slot: int, tensor: Tensor, parameters: dict[int, Tensor]) -> bool:
    """Whether a vector enters a linear map as one row, each of its numbers a feature."""
    op = next(op for op in ops if slot in read_by(op))
    weights = [parameters[s] for s in read_by(op) if s in parameters and parameters[s].dim() == 2]
    return bool(weights) and tensor.dim() == 1 and _rows(tensor) in weights[0].shape


def _slice(ops: list[Taped], end: int, given: frozenset[int] = frozenset()) -> list[Taped]:
    """Return the operations that lead to a slot, from those that are given."""
    wanted, kept = {end}, []
    for op in reversed(ops):
        if wanted.intersection(op.outs):
            kept.append(op)
            wanted.update(set(read_by(op)) - given)
    return kept[::-1]


def _leaves(
    ops: list[Taped], tape: Tape, is_buffer: Is
) -> tuple[dict[int, Tensor], dict[int, Tensor]]:
    made = {slot for op in ops for slot in op.outs}
    read = [slot for op in ops for slot in read_by(op) if slot not in made]
    parameters: dict[int, Tensor] = {}
    others: dict[int, Tensor] = {}
    for slot in dict.fromkeys(read):
        tensor = tape.leaves.get(slot)
        if tensor is None:
            raise Untraceable("a value was computed before the step was watched")
        if _computed(tensor):
            raise Untraceable("a value was computed before the step was watched")
        if tape.still(slot) and tensor.requires_grad:  # it was told to take one, and has no weights
            raise Untraceable("the gradient ends at a value that was cut off from the network")
        kept = tape.freezes.is_weight(tensor) and not is_buffer(tensor)
        weighs = tensor.requires_grad or kept
        (parameters if weighs else others)[slot] = tensor
    return parameters, others


def _computed(tensor: Tensor) -> bool:
    try:
        return tensor.requires_grad and not tensor.is_leaf
    except RuntimeError:  # a view, made without gradients, of what has been overwritten since
        return True


def _inputs(
    ops: list[Taped], others: dict[int, Tensor], parameters: set[int]
) -> tuple[list[int], list[int]]:
    """Split data slots into those that later meet a parameter directly, and the rest."""
    carriers = set(parameters)
    for op in ops:  # what is made of parameters alone is a parameter; a single number is a penalty
        if read_by(op) and set(read_by(op)) <= carriers and op.shapes[0]:
            carriers.update(op.outs)
    meets: set[int] = set()
    for op in reversed(ops):
        reads = set(read_by(op))
        if reads <= carriers:
            continue
        if reads & carriers or meets.intersection(op.outs):
            meets |= reads - carriers
    inputs = [slot for slot in others if slot in meets]
    return inputs, [slot for slot in others if slot not in meets]


def _self_target(
    ops: list[Taped], others: dict[int, Tensor], inputs: list[int], end: int
) -> tuple[list[Taped], dict[int, Tensor], list[int]]:
    """Where the loss compares the network with its own inputs, give the target a slot of its own."""
    flowing: set[int] = set()
    for index, op in enumerate(ops):
        reads = set(read_by(op))
        own = reads & set(inputs)
        if own and reads & flowing and index >= len(ops) - 8:
            slot, fresh = (
                next(iter(own)),
                max([end, *others, *(s for o in ops for s in o.outs)]) + 1,
            )
            apart = [*ops[:index], *(swapped(o, slot, fresh) for o in ops[index:])]
            return apart, {**others, fresh: others[slot]}, [fresh]
        if reads & (flowing | set(inputs)):
            flowing.update(op.outs)
    return ops, others, []


def _prediction(
    ops: list[Taped], inputs: list[int], targets: list[int], rows: int, told: int | None
) -> tuple[int, tuple[int, ...]]:
    """Return the last slot with rows that all paths from the inputs pass before a target enters.

    told: the slot that the loss was given, which is it if all paths pass it.
    """
    flowing, late = set(inputs), set(targets)
    reads_at: list[set[int]] = []
    candidates: list[tuple[int, int, tuple[int, ...]]] = []
    for index, op in enumerate(ops):
        reads = set(read_by(op))
        reads_at.append(reads)
        if reads & late:
            late.update(op.outs)
        elif reads & flowing:
            flowing.update(op.outs)
            if len(op.outs) == 1 and op.shapes[0] and op.shapes[0][0] == rows:
                candidates.append((index, op.outs[0], op.shapes[0]))
    for index, slot, shape in sorted(reversed(candidates), key=lambda one: one[1] != told):
        earlier = {s for op in ops[: index + 1] for s in op.outs if s in flowing} | set(inputs)
        after = [reads for op, reads in zip(ops, reads_at, strict=True) if late & set(op.outs)]
        if all(not (reads & earlier) - {slot} for reads in [*reads_at[index + 1 :], *after]):
            return slot, shape
    raise Untraceable("no single prediction stands between the network and its loss")


def _loss_line(ops: list[Taped], prediction: int, end: int) -> tuple[str, int]:
    for op in ops:
        if prediction in read_by(op) and op.line:
            return _line(op)
    return _line(ops[-1])


def _line(op: Taped) -> tuple[str, int]:
    return op.file, op.line


def _op(taped: Taped, rows: int) -> Op:
    name = name_of(taped.function)
    if name is None:
        raise Untraceable(f"the operation {taped.function!r} is not a public torch function")
    if _unencodable(taped.args) or _unencodable(list(taped.kwargs.values())):
        raise Untraceable(f"an argument of {name} cannot be written down")
    op = Op(name, taped.args, taped.kwargs, taped.outs, taped.module, taped.file, taped.line)
    if op.short in _SHAPERS and len(op.args) > 1:
        op = dataclasses.replace(op, args=(op.args[0], *_by_rows(op.args[1:], rows)))
    return op


def _by_rows(sizes: tuple[Json, ...], rows: int) -> tuple[Json, ...]:
    """Write the batch size as the number of rows: where it leads a shape, or is the one size that grows."""
    first = sizes[0]
    if isinstance(first, dict) and isinstance(first.get("tuple"), list) and first["tuple"]:
        inner = _by_rows(tuple(first["tuple"]), rows)
        return ({"tuple": list(inner)}, *sizes[1:])
    if first == rows and not isinstance(first, bool) and len(sizes) > 1:
        return ({"rows": True}, *sizes[1:])
    places = [place for place, size in enumerate(sizes) if type(size) is int and size == rows]
    if len(places) == 1 and len(sizes) > 1 and -1 not in sizes:
        return (*sizes[: places[0]], {"rows": True}, *sizes[places[0] + 1 :])
    return sizes


def _unencodable(values: Iterable[Any]) -> bool:
    for value in values:
        if isinstance(value, dict):
            if "unencodable" in value or _unencodable(value.values()):
                return True
        elif isinstance(value, list | tuple) and _unencodable(value):
            return True
    return False


def _rows(tensor: Tensor) -> int:
    return tensor.shape[0] if tensor.dim() else 0


def _array(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Copy a tensor to numpy (bfloat16, which numpy lacks, as float32)."""
    values = tensor.detach().cpu()
    if values.dtype == torch.bfloat16:
        values = values.float()
    return np.array(values.numpy(), copy=True)
