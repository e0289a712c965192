"""Starting values of a network's linear layers, drawn by a loop in front of its optimizer."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import DrawWeights
from unstuck.patch.edits import activations
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

NAMES = ("layer", "module", "part", "linear")
"""What the layers may be called in the new loop: the first name that the file does not use."""


def draw_weights(files: Files, edits: Sequence[DrawWeights]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _draw(files, edit)]


def _draw(files: Files, edit: DrawWeights) -> list[Splice]:
    source = files.source(edit.optimizer.file)
    network = _held(source, edit)
    update = statements.of(source, network.node)
    lines = _loop(source, network.code, edit)
    built = _built(source, update, network.code)
    if built is not None:
        return statements.behind(source, built, lines)
    if _repeated(source, update):
        raise Unpatchable(f"the optimizer at {edit.optimizer} is built again and again")
    if not statements.starts_line(source, update) or not statements.alone(source, update):
        raise Unpatchable(f"the optimizer at {edit.optimizer} does not stand on a line of its own")
    return statements.before(source, update, lines)


def _held(source: Source, edit: DrawWeights) -> Spot:
    """Return the one network whose ``parameters()`` the optimizer is given."""
    found: dict[str, Spot] = {}
    for outer in calls.on_line(source, edit.optimizer.line)[:1]:
        for call in source.within(outer.node, cst.Call):
            match call.func:
                case cst.Attribute(value=base, attr=cst.Name(value="parameters")):
                    spot = Spot(source, base)
                    found[spot.code] = spot
    if len(found) != 1:
        raise Unpatchable(
            f"what the optimizer at {edit.optimizer} holds is not the parameters() of one network"
        )
    return next(iter(found.values()))


def _loop(source: Source, network: str, edit: DrawWeights) -> list[str]:
    nn, torch = activations.aliases(source, "torch.nn"), activations.aliases(source, "torch")
    if not nn and not torch:
        raise Unpatchable(f"{source.path} imports nothing that {edit.function} is called through")
    library = nn[0] if nn else f"{torch[0]}.nn"
    used = {node.value for node in source.all(cst.Name)}
    name = next((one for one in NAMES if one not in used), None)
    if name is None:
        raise Unpatchable(f"every name that a layer could have is taken in {source.path}")
    options = "".join(f", {key}={_written(value)}" for key, value in edit.options)
    step = source.module.default_indent
    return [
        f"for {name} in {network}.modules():",
        f"{step}if isinstance({name}, {library}.Linear):",
        f"{step}{step}{library}.init.{edit.function}({name}.weight{options})",
    ]


def _written(value: float | str) -> str:
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _built(source: Source, update: cst.CSTNode, network: str) -> cst.CSTNode | None:
    """Return the statement that builds the network, if nothing uses it before the optimizer."""
    block = statements.block(source, update)
    for other in reversed(block[: block.index(update)]):
        if isinstance(other, cst.Assign) and source.code(other.targets[0].target) == network:
            return other if statements.alone(source, other) else None
        if any(source.code(node) == network for node in source.within(other, cst.BaseExpression)):
            return None
    return None


def _repeated(source: Source, update: cst.CSTNode) -> bool:
    """Whether a loop of the same function runs the statement more than once."""
    for around in source.ancestors(update):
        if isinstance(around, cst.FunctionDef | cst.ClassDef):
            return False
        if isinstance(around, cst.For | cst.While):
            return True
    return False
