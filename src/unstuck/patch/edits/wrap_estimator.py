"""scikit-learn's scalers around an estimator: where it is constructed, or where a search over it is."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import WrapEstimator
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

HOMES = {
    "StandardScaler": "sklearn.preprocessing",
    "make_pipeline": "sklearn.pipeline",
    "TransformedTargetRegressor": "sklearn.compose",
}
"""Names that may be needed -> where they are imported from."""

SEARCH = re.compile(r"(SearchCV|Search)$")
"""Estimators that set the parameters of another one by their names, which a pipeline would change."""

SHARED = frozenset(
    {"fit", "predict", "predict_proba", "predict_log_proba", "decision_function", "score", "classes_",
     "get_params", "n_features_in_", "feature_names_in_", "fit_predict", "__class__"}
)  # fmt: skip
"""What a pipeline, and most of it a regressor of transformed targets, has as its last estimator has it."""

LACKING = frozenset({"partial_fit", "set_params"})
"""Methods that a wrapped estimator lacks, or that would need other words."""


def wrap_estimators(files: Files, edits: Sequence[WrapEstimator]) -> list[Splice]:
    """Write every edit of this kind; two of one call become one."""
    merged: dict[tuple[object, str], WrapEstimator] = {}
    for edit in edits:
        key = (edit.call, edit.function)
        known = merged.get(key, edit)
        merged[key] = dataclasses.replace(
            edit, inputs=edit.inputs or known.inputs, targets=edit.targets or known.targets
        )
    return [splice for edit in merged.values() for splice in _wrap(files, edit)]


def _wrap(files: Files, edit: WrapEstimator) -> Iterator[Splice]:
    source = files.source(edit.call.file)
    found = calls.to(files, source, edit.call.line, edit.function)
    if not found:
        raise Unpatchable(f"there is no call of {edit.function} at {edit.call}")
    call = found[0]
    text = _Names(source)
    wrapped = _searched(source, call.node)
    before, after = [], []
    if edit.inputs:
        step = _step(source, wrapped)
        if step is None:
            before.append(f"{text.of('make_pipeline')}({text.of('StandardScaler')}(), ")
            after.append(")")
        else:
            place, named = step
            scaler = f"{text.of('StandardScaler')}()"
            start = source.span(place)[0]
            inserted = f'("scaler", {scaler}), ' if named else f"{scaler}, "
            yield Splice(source.path, start, start, inserted)
    if edit.targets:
        before.append(f"{text.of('TransformedTargetRegressor')}(")
        after.insert(0, f", transformer={text.of('StandardScaler')}())")
    if before:
        yield from wrap(source.path, source.span(wrapped), "".join(before), "".join(after))
        yield from _uses(source, wrapped, _way_in(edit, "make_pipeline(" in before[0]))
    yield from text.imported(call, edit.function)


def _searched(source: Source, call: cst.CSTNode) -> cst.CSTNode:
    """Return the search that this call, or the name that holds its value, is given to; else the call."""
    outer = _search_around(source, call)
    if outer is not None:
        return outer
    name = _held(source, call)
    for node in source.all(cst.Name) if name is not None else ():
        if source.code(node) == name and isinstance(source.parents.get(node), cst.Arg):
            outer = _search_around(source, node)
            if outer is not None:
                return outer
    return call


def _search_around(source: Source, node: cst.CSTNode) -> cst.CSTNode | None:
    parent = source.parents.get(node)
    outer = source.parents.get(parent) if isinstance(parent, cst.Arg) else None
    return outer if isinstance(outer, cst.Call) and SEARCH.search(dotted(outer.func)) else None


def _step(source: Source, node: cst.CSTNode) -> tuple[cst.CSTNode, bool] | None:
    """Return what to put a scaler in front of, where the estimator is a step of a pipeline already, and whether
    steps bear names there.
    """
    parent = source.parents.get(node)
    if isinstance(parent, cst.Arg):
        outer = source.parents.get(parent)
        if isinstance(outer, cst.Call) and _last(outer) == "make_pipeline":
            return node, False
        return None
    pair = source.parents.get(parent) if isinstance(parent, cst.Element) else None
    if not isinstance(pair, cst.Tuple) or len(pair.elements) != 2:
        return None
    outer = source.around(pair, cst.Call)
    return (pair, True) if isinstance(outer, cst.Call) and _last(outer) == "Pipeline" else None


def _last(call: cst.Call) -> str:
    return dotted(call.func).rpartition(".")[2]


def _held(source: Source, node: cst.CSTNode) -> str | None:
    """Return the name, or the attribute, that this estimator is assigned to, at once or when fitted."""
    parent = source.parents.get(node)
    while isinstance(parent, cst.Attribute) and parent.attr.value == "fit":
        call = source.parents.get(parent)
        parent = source.parents.get(call) if isinstance(call, cst.Call) else None
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1:
        target = parent.targets[0].target
        return source.code(target) if isinstance(target, cst.Name | cst.Attribute) else None
    return None


def _way_in(edit: WrapEstimator, piped: bool) -> str:
    """Return what leads from the wrapped estimator to the one inside."""
    return ("[-1]" if piped else "") + (".regressor_" if edit.targets else "")


def _uses(source: Source, wrapped: cst.CSTNode, way: str) -> Iterator[Splice]:
    """Reach through the wrapping where something is read off the estimator that only the inner one has."""
    name = _held(source, wrapped)
    if name is None:
        return
    for node in source.all(cst.Attribute):
        if source.code(node.value) != name or node.attr.value in SHARED:
            continue
        if node.attr.value in LACKING:
            line = source.lines(node)[0]
            raise Unpatchable(
                f"line {line} of {source.path} calls {node.attr.value}, which a scaled estimator lacks"
            )
        end = source.span(node.value)[1]
        yield Splice(source.path, end, end, way)


class _Names:
    """The names that the new text needs, and the imports that are missing for them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._missing: dict[str, None] = {}
        self._known = _imported(source)

    def of(self, name: str) -> str:
        """Return what the file calls this name; it is imported where it is not yet."""
        if name not in self._known:
            self._missing[name] = None
        return self._known.get(name, name)

    def imported(self, call: Spot, function: str) -> list[Splice]:
        """Return the imports of what is missing, behind the import that brings the estimator."""
        if not self._missing:
            return []
        lines = [
            f"from {HOMES[name]} import {name}"
            for name in sorted(self._missing, key=HOMES.__getitem__)
        ]
        place = _import_of(self._source, function)
        if place is None:
            raise Unpatchable(f"{self._source.path} has no import behind which another could stand")
        return statements.behind(self._source, place, lines)


def _imported(source: Source) -> dict[str, str]:
    """Return original name -> name in this file, of what is imported from scikit-learn by name."""
    found = {}
    for node in source.all(cst.ImportFrom):
        if isinstance(node.names, cst.ImportStar):
            continue
        if (dotted(node.module) if node.module else "").startswith("sklearn"):
            for alias in node.names:
                found[alias.evaluated_name] = alias.evaluated_alias or alias.evaluated_name
    return found


def _import_of(source: Source, function: str) -> cst.CSTNode | None:
    """Return the import that brings this name, else the last one at the top of the file."""
    last: cst.CSTNode | None = None
    for node in source.all(cst.ImportFrom):
        if isinstance(node.names, cst.ImportStar):
            continue
        if any(alias.evaluated_name == function for alias in node.names):
            return node
    for kind in (cst.Import, cst.ImportFrom):
        last = next((n for n in reversed([*source.all(kind)]) if source.function(n) is None), last)
    return last
