"""What a Keras model holds: its layers by name, their weights, and what they keep beside them."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from unstuck.record.torch.modules import Parts


def parts(root: Any) -> Parts:
    """Return the layers of a model (or of one layer) by name, and their weights as ``layer.weight``."""
    layers = list(root._flatten_layers())
    weights: list[tuple[str, Tensor, Any]] = []
    kept: list[Tensor] = []
    for layer in layers:
        for one in layer._trainable_variables:
            if one._value is not None:
                weights.append((f"{layer.name}.{one.name}", one._value, layer))
        kept += [one._value for one in layer._non_trainable_variables if one._value is not None]
    return Parts([(layer.name, layer) for layer in layers], weights, kept)
