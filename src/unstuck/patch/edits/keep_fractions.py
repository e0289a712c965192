"""Numbers kept as they are: a cast to whole ones taken out, or a division written with one slash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import KeepFractions
from unstuck.core.recording import Where
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable

CASTS = frozenset({"long", "int", "short", "byte", "char"})
TO = frozenset({"to", "type"})
READS = frozenset({"tensor", "as_tensor"})
KINDS = frozenset(
    {"long", "int", "short", "uint8", "int8", "int16", "int32", "int64"}
    | {"LongTensor", "IntTensor", "ShortTensor", "ByteTensor", "CharTensor"}
)


def keep_fractions(files: Files, edits: Sequence[KeepFractions]) -> list[Splice]:
    """Write every edit of this kind."""
    lines = dict.fromkeys(where for edit in edits for where in edit.lines)
    return [splice for where in lines for splice in _keep(files, where)]


def _keep(files: Files, where: Where) -> list[Splice]:
    source = files.source(where.file)
    statement = statements.at_line(source, where.line)
    found = [] if statement is None else list(_mends(source, statement))
    if len(found) != 1:
        many = "no cast is" if not found else "more than one cast is"
        raise Unpatchable(f"{many} visible at {where}")
    [splice] = found
    kept = source.text[: splice.start] + source.text[splice.end :]
    if isinstance(statement, cst.Assign) and not splice.text:
        start, end = source.span(statement.value)
        left = kept[start : end - (splice.end - splice.start)]
        alone = not statements.only_one(source, statement)
        if alone and left == source.code(statement.targets[0].target):  # x = x
            return statements.removed(source, statement)
    return [splice]


def _mends(source: Source, statement: cst.CSTNode) -> Iterator[Splice]:
    for call in source.within(statement, cst.Call):
        if isinstance(call.func, cst.Attribute):
            name, holder = call.func.attr.value, call.func.value
            asked = [arg for arg in call.args if _kind(arg.value) in KINDS]
            if (name in CASTS and not call.args) or (name in TO and len(call.args) == len(asked)):
                yield Splice(source.path, source.span(holder)[1], source.span(call)[1], "")
            elif name in READS and asked:
                yield Splice(source.path, *source.span(asked[0].value), _float(source, asked[0]))
    for operation in source.within(statement, cst.BinaryOperation):
        if isinstance(operation.operator, cst.FloorDivide):
            start = source.span(operation.left)[1]
            slashes = source.text.index("//", start)
            yield Splice(source.path, slashes, slashes + 2, "/")


def _kind(node: cst.BaseExpression) -> str:
    """Return the last part of a name: ``int64`` of ``torch.int64``."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _float(source: Source, arg: cst.Arg) -> str:
    written = source.code(arg.value)
    return written[: len(written) - len(_kind(arg.value))] + "float32"
