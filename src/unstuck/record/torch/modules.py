"""What the script's modules are called, where they were built, and which of them is running.

Which module runs is read off the stack, where each one leaves a frame: hooks on modules would change
how torch runs them, and what `torch.compile` and tracebacks show.
"""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any

from torch import Tensor, nn

from unstuck.core.recording import Where
from unstuck.record.frames import user_line

_RUNNING = nn.Module._call_impl.__code__

MAX_ROOTS = 64
"""Networks that are kept for their layers' names; a script may build one a step."""


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """What a network holds: (path, module) pairs, (name, parameter, its module) triples, and buffers."""

    modules: list[tuple[str, nn.Module]]
    parameters: list[tuple[str, Tensor, nn.Module]]
    buffers: list[Tensor]


def parts(root: nn.Module) -> Parts:
    """Return what a module of torch holds."""
    return Parts(
        list(root.named_modules()),
        [
            (f"{path}.{name}".lstrip("."), parameter, module)
            for path, module in root.named_modules()
            for name, parameter in module.named_parameters(recurse=False)
        ],
        list(root.buffers()),
    )


class Modules:
    """The modules that were seen. owners: id of a parameter -> the module that holds it.

    aside: networks that ran without gradients only.

    called: the user's line that called the network; loss: the module that computed the loss. hidden: id
    of a parameter that is not registered -> the list or dict that holds its layer; strays: these layers.
    """

    def __init__(self) -> None:
        self.built: weakref.WeakKeyDictionary[Any, Where] = weakref.WeakKeyDictionary()
        self.roots: list[nn.Module] = []
        self.aside: weakref.WeakSet[nn.Module] = weakref.WeakSet()
        self.names: dict[int, str] = {}
        self.owners: dict[int, nn.Module] = {}
        self.hidden: dict[int, str] = {}
        self.strays: dict[str, nn.Module] = {}
        self.called: Where | None = None
        self._buffers: dict[int, weakref.ref[Tensor]] = {}
        self.loss: nn.Module | None = None
        self._paths: weakref.WeakKeyDictionary[nn.Module, str] = weakref.WeakKeyDictionary()
        self._bare: weakref.WeakKeyDictionary[nn.Module, bool] = weakref.WeakKeyDictionary()
        self._calls: set[CodeType] = {_RUNNING}
        self._readers: list[tuple[type[nn.Module], Callable[[nn.Module], Parts]]] = []

    def also(
        self, call: CodeType, kind: type[nn.Module], read: Callable[[nn.Module], Parts]
    ) -> None:
        """Let frames of this code stand for running modules of a kind, of which `read` tells the parts."""
        self._calls.add(call)
        self._readers.append((kind, read))

    def _reader(self, module: nn.Module) -> Callable[[nn.Module], Parts]:
        return next((read for kind, read in self._readers if isinstance(module, kind)), parts)

    def parameters(self) -> Iterator[Tensor]:
        """Yield the parameters of every module that lives."""
        for module in list(self.built):
            if isinstance(module, nn.Module):
                yield from (one for one in module._parameters.values() if one is not None)

    def is_buffer(self, tensor: Tensor) -> bool:
        """Whether this tensor is a module's own (a running mean, a mask), and so no data."""
        known = self._buffers.get(id(tensor))
        return known is not None and known() is tensor

    def running(self, frame: FrameType | None, *, still: bool = False) -> tuple[str, Where | None]:
        """Return the path of the innermost module on the stack, and the user's line that called the outermost.

        "" and None outside every module. still: without a gradient, as in an evaluation, so that it need
        not be the network that is trained.
        """
        inner = outer = None
        while frame is not None:
            if frame.f_code in self._calls:
                outer = frame
                inner = inner or frame
            frame = frame.f_back
        if inner is None or outer is None:
            return "", None
        root, called = outer.f_locals["self"], user_line(outer)
        if root not in self._paths:
            self.learn(root)
            if still:
                self.aside.add(root)
        if not still:
            self.aside.discard(root)
            self._called(root, called)
        return self._paths.get(inner.f_locals["self"], ""), called

    def _called(self, root: nn.Module, where: Where | None) -> None:
        """Note that the user's code called this module."""
        if self._bare[root]:
            self.loss = root
        else:
            self.called = where

    def learn(self, root: nn.Module) -> None:
        """Read the names within a module that is called by the user's code."""
        read = self._reader(root)
        found = read(root)
        self._bare[root] = not found.parameters
        if found.parameters and len(self.roots) < MAX_ROOTS:
            self.roots.append(root)
        for path, module in found.modules:
            if found.parameters or read is parts:  # else it may be that they are yet to be built
                self._paths[module] = path if found.parameters else ""
            self._bare.setdefault(module, read is parts and _weightless(module))
        names: dict[int, str] = {}
        for name, parameter, module in found.parameters:
            self.owners[id(parameter)] = module
            names.setdefault(id(parameter), name)
        self.names.update(names)
        if read is parts:
            self._learn_hidden(root)
        self._buffers.update({id(buffer): weakref.ref(buffer) for buffer in found.buffers})

    def parts(self, root: nn.Module) -> Parts:
        """Return what a network that was seen holds by now."""
        return self._reader(root)(root)

    def _learn_hidden(self, root: nn.Module) -> None:
        """Read the names of layers in plain lists and dicts, which ``parameters()`` does not find."""
        registered = set(root.modules())
        for holder, where, layer in _hidden(root):
            if layer in registered:
                continue
            for path, module in layer.named_modules(prefix=where):
                self._paths.setdefault(module, path)
                self._bare.setdefault(module, False)
                self.strays.setdefault(path, module)
                for name, parameter in module.named_parameters(recurse=False):
                    self.owners.setdefault(id(parameter), module)
                    self.names.setdefault(id(parameter), f"{path}.{name}")
                    self.hidden.setdefault(id(parameter), holder)

    def name_from(self, frame: FrameType | None, leaves: list[Tensor]) -> None:
        """Name parameters that are not known yet by the variables that hold them."""
        nameless = {id(leaf) for leaf in leaves} - set(self.names)
        while frame is not None and nameless:
            for scope in (frame.f_locals, frame.f_globals):
                for name, value in list(scope.items()):
                    if isinstance(value, nn.Module):
                        if nameless & {id(one) for _, one, _ in self.parts(value).parameters}:
                            self.learn(value)
                            nameless -= set(self.names)
                        continue
                    for label, tensor in _held(name, value):
                        if id(tensor) in nameless:
                            self.names[id(tensor)] = label
                            nameless.discard(id(tensor))
            frame = frame.f_back


def _weightless(module: nn.Module) -> bool:
    """Whether a module holds no parameters, nor any of its parts."""
    return next(module.parameters(), None) is None


def _hidden(root: nn.Module) -> Iterator[tuple[str, str, nn.Module]]:
    """Yield (path of the list or dict, path of the layer, layer) for layers in plain containers."""
    for path, module in root.named_modules():
        for attribute, value in list(vars(module).items()):
            if attribute.startswith("_") or not isinstance(value, list | tuple | dict):
                continue
            holder = f"{path}.{attribute}".lstrip(".")
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for key, layer in list(pairs)[:1000]:
                if isinstance(layer, nn.Module):
                    yield holder, f"{holder}.{key}", layer


def _held(name: str, value: Any) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors that a variable holds, itself or in a list, tuple or dict, with labels."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, list | tuple) and len(value) < 1000:
        yield from ((f"{name}[{i}]", v) for i, v in enumerate(value) if isinstance(v, Tensor))
    elif isinstance(value, dict) and len(value) < 1000:
        yield from ((f"{name}[{k!r}]", v) for k, v in value.items() if isinstance(v, Tensor))
