"""How activations are written: as modules, as functions, as methods, under the names of the file."""

from __future__ import annotations

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.trace.files import dotted
from unstuck.patch.unpatchable import Unpatchable

MODULES = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "elu": "ELU",
    "selu": "SELU",
    "celu": "CELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "softplus": "Softplus",
    "relu6": "ReLU6",
    "hardtanh": "Hardtanh",
    "softsign": "Softsign",
    "hardsigmoid": "Hardsigmoid",
    "softmax": "Softmax",
}
"""Function in torch.nn.functional -> module."""

IN_TORCH = frozenset({"relu", "sigmoid", "tanh", "selu", "celu"})
"""Functions that `torch` itself has under the same name."""

METHODS = frozenset({"relu", "sigmoid", "tanh"})
"""Functions that are methods of tensors too."""


def module(name: str) -> str:
    """Return the module's name of a function."""
    if name not in MODULES:
        raise Unpatchable(f"no module is known for the activation {name}")
    return MODULES[name]


def aliases(source: Source, wanted: str) -> list[str]:
    """Return the names under which a file has imported this module: ``torch.nn.functional`` -> ``F``."""
    found: list[str] = []
    for node in source.nodes:
        if isinstance(node, cst.Import):
            for alias in node.names:
                if alias.evaluated_name == wanted:
                    found.append(alias.evaluated_alias or wanted)
                elif alias.asname is None and alias.evaluated_name.startswith(f"{wanted}."):
                    found.append(wanted)
        elif isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            base = dotted(node.module)
            found += [
                alias.evaluated_alias or alias.evaluated_name
                for alias in node.names
                if f"{base}.{alias.evaluated_name}" == wanted
            ]
    return found


def function(source: Source, name: str) -> str:
    """Return how the function is called in this file: ``F.relu``, ``torch.relu``, …"""
    functional = aliases(source, "torch.nn.functional")
    direct = aliases(source, f"torch.nn.functional.{name}") + aliases(source, f"torch.{name}")
    torch, nn = aliases(source, "torch"), aliases(source, "torch.nn")
    if direct:
        return direct[0]
    if functional and (name not in {"sigmoid", "tanh"} or not torch):
        return f"{functional[0]}.{name}"
    if torch:
        return f"{torch[0]}.{name}" if name in IN_TORCH else f"{torch[0]}.nn.functional.{name}"
    if nn:
        return f"{nn[0]}.functional.{name}"
    raise Unpatchable(f"{source.path} imports nothing that {name} could be called through")


def built(source: Source, name: str, like: cst.BaseExpression | None = None) -> str:
    """Return how the module is built in this file; like: the callee of a neighbour, such as nn.Linear."""
    wanted = module(name)
    prefix = dotted(like.value) if isinstance(like, cst.Attribute) else ""
    if prefix:
        return f"{prefix}.{wanted}()"
    direct, nn = aliases(source, f"torch.nn.{wanted}"), aliases(source, "torch.nn")
    torch = aliases(source, "torch")
    if direct or _starred(source):
        return f"{direct[0] if direct else wanted}()"
    if nn or torch:
        return f"{nn[0] if nn else torch[0] + '.nn'}.{wanted}()"
    raise Unpatchable(f"{source.path} imports nothing that {wanted} could be built through")


def _starred(source: Source) -> bool:
    return any(
        isinstance(node.names, cst.ImportStar) and dotted(node.module) == "torch.nn"
        for node in source.all(cst.ImportFrom)
    )
