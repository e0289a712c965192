"""Recurrent layers in plain operations: torch's own fused ones cannot be stacked by `torch.func`.

The equations are those of the documentation of torch.nn.LSTM, torch.nn.GRU and torch.nn.RNN; the
tests hold each against torch's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from unstuck.replay.unreplayable import Unreplayable

States = tuple[Tensor, ...]
Cell = Callable[[Tensor, States, Tensor, Tensor | None], States]
"""``cell(from the input (n, g·h), states (n, h) each, weight_hh (g·h, h), bias_hh) -> states``, the output first."""


def lstm(
    values: Tensor,
    states: Sequence[Tensor],
    weights: Sequence[Tensor],
    *settings: Any,
) -> States:
    """Return what ``torch.lstm`` does: output, last hidden state, last cell state."""
    return _run(_lstm, values, tuple(states), weights, *settings)


def gru(values: Tensor, state: Tensor, weights: Sequence[Tensor], *settings: Any) -> States:
    """Return what ``torch.gru`` does: output, last hidden state."""
    return _run(_gru, values, (state,), weights, *settings)


def rnn_tanh(values: Tensor, state: Tensor, weights: Sequence[Tensor], *settings: Any) -> States:
    """Return what ``torch.rnn_tanh`` does: output, last hidden state."""
    return _run(_elman(torch.tanh), values, (state,), weights, *settings)


def rnn_relu(values: Tensor, state: Tensor, weights: Sequence[Tensor], *settings: Any) -> States:
    """Return what ``torch.rnn_relu`` does: output, last hidden state."""
    return _run(_elman(torch.relu), values, (state,), weights, *settings)


RECURRENT: dict[str, Callable[..., States]] = {
    "torch.lstm": lstm,
    "torch.gru": gru,
    "torch.rnn_tanh": rnn_tanh,
    "torch.rnn_relu": rnn_relu,
}
"""Names of torch's fused layers -> the same in plain operations."""


def _run(
    cell: Cell,
    values: Tensor,
    states: States,
    weights: Sequence[Tensor],
    biased: bool = True,
    layers: int = 1,
    dropout: float = 0.0,
    training: bool = False,
    bidirectional: bool = False,
    batch_first: bool = False,
) -> States:
    """Run all layers and directions over (n, t, f) or (t, n, f)."""
    if not isinstance(weights, list | tuple) or values.ndim != 3:
        raise Unreplayable("a recurrent layer over one row, or over packed ones, is not followed")
    values = values.transpose(0, 1) if batch_first else values
    starts = tuple(_for(state, values.shape[1]) for state in states)
    directions, each = 1 + bidirectional, 4 if biased else 2
    ends: list[States] = []
    for layer in range(layers):
        outs = []
        for direction in range(directions):
            place = layer * directions + direction
            own = weights[place * each : (place + 1) * each]
            out, end = _along(cell, values, tuple(s[place] for s in starts), own, direction == 1)
            outs.append(out)
            ends.append(end)
        values = torch.cat(outs, -1) if bidirectional else outs[0]
        if dropout and training and layer < layers - 1:
            values = torch.nn.functional.dropout(values, dropout)
    last = tuple(torch.stack([end[part] for end in ends]) for part in range(len(starts)))
    return values.transpose(0, 1) if batch_first else values, *last


def _along(
    cell: Cell, values: Tensor, states: States, own: Sequence[Tensor], backwards: bool
) -> tuple[Tensor, States]:
    """Run one layer along (t, n, f) in one direction; return (t, n, h) and the last states."""
    given, kept = own[0], own[1]
    bias_in, bias = (own[2], own[3]) if len(own) == 4 else (None, None)
    every = torch.nn.functional.linear(values, given, bias_in)
    gates = (
        every.unbind()
    )  # whose gradient is put together once, where gates[t] fills zeros for each t
    outs: list[Tensor] = []
    for gate in reversed(gates) if backwards else gates:
        states = cell(gate, states, kept, bias)
        outs.append(states[0])
    return torch.stack(outs[::-1] if backwards else outs), states


def _for(state: Tensor, rows: int) -> Tensor:
    """Return the start (layers, n, h) for so many rows: recorded ones are the same for each of them."""
    return state if state.shape[1] == rows else state[:, :1].expand(-1, rows, -1)


def _lstm(given: Tensor, states: States, weight: Tensor, bias: Tensor | None) -> States:
    hidden, memory = states
    let_in, forget, new, let_out = (given + torch.nn.functional.linear(hidden, weight, bias)).chunk(
        4, -1
    )
    memory = torch.sigmoid(forget) * memory + torch.sigmoid(let_in) * torch.tanh(new)
    return torch.sigmoid(let_out) * torch.tanh(memory), memory


def _gru(given: Tensor, states: States, weight: Tensor, bias: Tensor | None) -> States:
    hidden = states[0]
    fresh, renew, new = given.chunk(3, -1)
    kept = torch.nn.functional.linear(hidden, weight, bias).chunk(3, -1)
    reset = torch.sigmoid(fresh + kept[0])
    update = torch.sigmoid(renew + kept[1])
    candidate = torch.tanh(new + reset * kept[2])
    return ((1 - update) * candidate + update * hidden,)


def _elman(bend: Callable[[Tensor], Tensor]) -> Cell:
    def cell(given: Tensor, states: States, weight: Tensor, bias: Tensor | None) -> States:
        return (bend(given + torch.nn.functional.linear(states[0], weight, bias)),)

    return cell
