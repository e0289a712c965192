"""The hooks in torch, and what they tell the training that is being watched.

Every hook runs its own body guarded: a failure of ours is noted as trouble and becomes a gap, and
what the script asked torch for happens all the same.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import optimizer as optimizers
from torch.utils.data import dataloader

from unstuck.core.recording import Call, Where
from unstuck.record.torch.births import Births
from unstuck.record.torch.capture import Capture, Untraceable, capture
from unstuck.record.torch.frames import user_frame, user_line
from unstuck.record.torch.rows import Loader
from unstuck.record.torch.tape import Tape
from unstuck.record.torch.training import CLOSE_FIRST, Training, norm, specification
from unstuck.runner.stop import StopTraining, due, now

SAVE_SECONDS = 5.0
"""A long run is saved this often, so that one that is killed can still be diagnosed."""

MAX_TRAININGS = 16
"""Trainings kept apart; of a script that trains more, the later ones are counted only."""


MAX_REBUILT = 256
"""Modules built in the middle of a training for which the tape is switched on (a loop may build one a step)."""


class Recorder:
    """Watches one process; `attach` puts the hooks in, `detach` takes them all out again."""

    def __init__(
        self,
        save: Callable[[Recorder], None],
        *,
        stop_after: int | None = None,
        trouble: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.births = Births()
        self.tape = Tape(self.births, self._module, self._trouble)
        self.loader = Loader()
        self.trainings: dict[frozenset[int], Training] = {}
        self.current: Training | None = None
        self.built: weakref.WeakKeyDictionary[Any, Where] = weakref.WeakKeyDictionary()
        self.roots: list[nn.Module] = []
        self.lines: dict[str, Where] = {}
        self.gaps: dict[str, str] = {}
        self.seed: Where | None = None
        self.called: Where | None = None
        self.loss_module: nn.Module | None = None
        self.stepping: tuple[torch.optim.Optimizer, Where | None] | None = None
        self.seconds = 0.0
        self._differentiating = False
        self.trained = 0
        self._names: dict[int, str] = {}
        self._paths: dict[int, str] = {}
        self._owners: dict[int, nn.Module] = {}
        self._stack: list[nn.Module] = []
        self._rebuilt = 0
        self._save, self._stop_after, self._tell = save, stop_after, trouble
        self._undo: list[Callable[[], None]] = []
        self._module_hooks: list[Any] = []
        self._saved_at = time.monotonic()
        self._save_cost = 0.0

    # -- putting in and taking out ---------------------------------------------------------------

    def attach(self) -> None:
        """Put every hook in."""
        self._wrap(Tensor, "backward", self._around_backward)
        self._wrap(torch.autograd, "backward", self._around_backward)
        self._wrap(torch.autograd, "grad", self._around_grad)
        self._wrap(nn.Module, "__init__", self._around_building)
        self._wrap(torch.optim.Optimizer, "__init__", self._around_optimizer)
        self._wrap(torch.optim.Optimizer, "zero_grad", self._around_clear)
        self._wrap(nn.Module, "zero_grad", self._around_clear)
        self._wrap(dataloader._BaseDataLoaderIter, "__next__", self._around_batch)
        self._wrap(torch, "manual_seed", self._around_seed)
        before = optimizers.register_optimizer_step_pre_hook(self._before_step)
        after = optimizers.register_optimizer_step_post_hook(self._after_step)
        self._undo += [before.remove, after.remove]
        self._watch(True)

    def detach(self) -> None:
        """Take every hook out, in the opposite order."""
        self._watch(False)
        while self._undo:
            self._undo.pop()()

    def _wrap(self, owner: Any, name: str, around: Callable[..., Any]) -> None:
        original = owner.__dict__[name]

        @functools.wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return around(original, args, kwargs)

        setattr(owner, name, wrapped)
        self._undo.append(lambda: setattr(owner, name, original))

    @contextlib.contextmanager
    def _ours(self) -> Iterator[None]:
        """Guard our own work: no operation is taped, no gradient made, no failure gets out."""
        began = time.perf_counter()
        try:
            with torch._C.DisableTorchFunction(), torch.no_grad():
                yield
        except StopTraining:
            raise
        except Exception as error:
            self._trouble(f"{type(error).__name__}: {error}")
        finally:
            self.seconds += time.perf_counter() - began

    def _trouble(self, what: str) -> None:
        self.gaps.setdefault("recorder", f"the recorder failed: {what}")
        self._tell(f"recorder: {what}")

    def _watch(self, on: bool) -> None:
        """Switch the tape, and the module hooks that tell it where it is, on or off."""
        if self.tape.on and not on:
            built = [module for module in self.built if isinstance(module, nn.Module)]
            self.births.keep(p for module in built for p in module.parameters(recurse=False))
        self.tape.switch(on)
        if on and not self._module_hooks:
            modules = torch.nn.modules.module
            self._module_hooks = [
                modules.register_module_forward_pre_hook(self._enter),
                modules.register_module_forward_hook(self._leave, always_call=True),
            ]
        elif not on:
            for hook in self._module_hooks:
                hook.remove()
            self._module_hooks = []
            self._stack.clear()

    # -- modules ---------------------------------------------------------------------------------

    def _enter(self, module: nn.Module, args: Any) -> None:
        with self._ours():
            if not self._stack and id(module) not in self._paths:
                self._learn(module)
            if not self._stack and next(module.parameters(), None) is None:
                self.loss_module = module
            elif not self._stack:
                self.called = user_line(sys._getframe(1))
            self._stack.append(module)

    def _leave(self, module: nn.Module, args: Any, out: Any) -> None:
        with self._ours():
            if module in self._stack:
                while self._stack.pop() is not module:
                    pass

    def _learn(self, root: nn.Module) -> None:
        """Read the names of a module that is called by the user's code."""
        parameters = list(root.named_parameters())
        if parameters and root not in self.roots:
            self.roots.append(root)
        for path, module in root.named_modules():
            self._paths.setdefault(id(module), path if parameters else "")
            for _, parameter in module.named_parameters(recurse=False):
                self._owners[id(parameter)] = module
        for name, parameter in parameters:
            self._names.setdefault(id(parameter), name)

    def _module(self) -> str:
        return self._paths.get(id(self._stack[-1]), "") if self._stack else ""

    def _around_building(self, original: Any, args: Any, kwargs: Any) -> Any:
        if not self.tape.on and self._rebuilt < MAX_REBUILT:
            with self._ours():  # another network: see how it is drawn
                self._rebuilt += 1
                self.births.keep(())
                self._watch(True)
        original(*args, **kwargs)
        with self._ours():
            where = user_line(sys._getframe(1))
            if where is not None:
                self.built[args[0]] = where

    # -- optimizers ------------------------------------------------------------------------------

    def _around_optimizer(self, original: Any, args: Any, kwargs: Any) -> Any:
        original(*args, **kwargs)
        with self._ours():
            where = user_line(sys._getframe(1))
            if where is not None:
                self.built[args[0]] = where
            held = {id(p) for group in args[0].param_groups for p in group["params"]}
            known = {id(leaf) for t in self.trainings.values() for leaf in t.leaves}
            if not held <= known and len(self.trainings) < MAX_TRAININGS:
                self._watch(True)

    def _around_clear(self, original: Any, args: Any, kwargs: Any) -> Any:
        if self.tape.on:
            with self._ours():
                self._call("clear", user_line(sys._getframe(1)))
        return original(*args, **kwargs)

    def _before_step(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        with self._ours():
            self.stepping = (optimizer, user_line(sys._getframe(1)) if self.tape.on else None)
            training = self._training_of(optimizer)
            if training is not None:
                self.current = training
                self._describe(training)

    def _describe(self, training: Training) -> None:
        """Read the optimizer that is stepping, and what it is about to step with."""
        if self.stepping is None:
            return
        optimizer, where = self.stepping
        training.by_hand = False
        training.stepped_by(optimizer)
        if not training.close:
            return
        if training.optimizer is None:
            training.optimizer = specification(optimizer)
            training.held_by(optimizer)
        elif training.step < CLOSE_FIRST:
            training.also_held_by(optimizer)
        training.at_step[training.step] = training.norm()
        training.rates[training.step] = float(optimizer.param_groups[0].get("lr", float("nan")))
        self._call("step", where)
        self._line("optimizer", self.built.get(optimizer))

    def _after_step(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        self.stepping = None
        with self._ours():
            training = self._training_of(optimizer)
            if training is not None and training.pending:  # else a second optimizer of this step
                self._done(training)
                self.tape.rewind()
                self._watch(training.close)

    def _done(self, training: Training) -> None:
        """Count an update; end the script here if that was asked for; save now and then."""
        training.done()
        training.before = None
        if due() or (self._stop_after is not None and training.step >= self._stop_after):
            now()
        if time.monotonic() - self._saved_at > max(SAVE_SECONDS, 20 * self._save_cost):
            began = time.monotonic()
            self._save(self)
            self._saved_at = time.monotonic()
            self._save_cost = self._saved_at - began

    def _training_of(self, optimizer: torch.optim.Optimizer) -> Training | None:
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        if self.current is not None and any(id(leaf) in held for leaf in self.current.leaves):
            return self.current
        for training in self.trainings.values():
            if any(id(leaf) in held for leaf in training.leaves):
                return training
        return self.current if self.current is not None and not self.current.leaves else None

    # -- gradients -------------------------------------------------------------------------------

    def _around_backward(self, original: Any, args: Any, kwargs: Any) -> Any:
        if self._differentiating:  # Tensor.backward calls torch.autograd.backward
            return original(*args, **kwargs)
        training = self._before_backward(args[0] if args else kwargs.get("tensors"))
        self._differentiating = True
        try:
            result = original(*args, **kwargs)
        finally:
            self._differentiating = False
        self._after_backward(training)
        return result

    def _around_grad(self, original: Any, args: Any, kwargs: Any) -> Any:
        outputs = args[0] if args else kwargs.get("outputs")
        loss = outputs if isinstance(outputs, Tensor) else None
        other = loss is None or loss.numel() != 1 or kwargs.get("create_graph")
        if other or self._differentiating:
            return original(*args, **kwargs)
        training = self._before_backward(loss)
        self._differentiating = True
        try:
            result = original(*args, **kwargs)
        finally:
            self._differentiating = False
        self._after_backward(training, list(result))
        return result

    def _before_backward(self, tensors: Any) -> Training | None:
        training: Training | None = None
        with self._ours():
            loss = tensors[0] if isinstance(tensors, list | tuple) and tensors else tensors
            if not isinstance(loss, Tensor) or loss.numel() != 1:
                return self.current
            training = self.current
            if training is not None and training.by_hand is not False and self.stepping is None:
                self.count_by_hand(training)
            if self.tape.on:
                training = self._captured(loss)
            elif len(self.trainings) > 1:
                training = self._trained_by(loss)
            if training is None:
                return None
            self.current = training
            count = training.backwards.get(training.step, 0)
            if count == 0:
                training.loss.add(training.step, float(loss.detach()))
            if training.close:
                training.backwards[training.step] = count + 1
                if count == 0:
                    training.stale[training.step] = training.norm()
                where = user_line(sys._getframe(1))
                self._call("backward", where)
                self._line("backward", where)
        return training

    def _after_backward(
        self, training: Training | None, grads: list[Tensor | None] | None = None
    ) -> None:
        """Note the gradients: those of the parameters, or those that were handed to the script."""
        with self._ours():
            if training is None:
                return
            training.pending = True
            if training.by_hand:  # the update to come is made without gradients: nothing to tape
                self.tape.rewind()
                self._watch(training.close_at(training.step + 1))
            if not training.close:
                return
            total = training.norm() if grads is None else norm(grads)
            training.after_backward[training.step] = total
            if training.backwards.get(training.step) == 1:
                left = training.stale.get(training.step, 0.0)
                training.stale[training.step] = left / total if total else 0.0
            if training.by_hand is not False:
                values, own = training.copied()
                training.before = (values, own if grads is None else grads)

    def count_by_hand(self, training: Training) -> None:
        """Where no optimizer ever stepped, see whether the script moved the parameters itself."""
        if not training.pending:
            return
        if training.before is not None and training.moved_by_hand():
            training.by_hand = True
            rate = training.optimizer.rate if training.optimizer else float("nan")
            training.rates[training.step] = rate
            training.at_step[training.step] = training.after_backward.get(training.step, 0.0)
            self._line("step", training.lines.get("backward"))
            self._done(training)
        elif training.before is None and training.by_hand:
            self._done(training)

    def _captured(self, loss: Tensor) -> Training:
        """Return the training that this loss belongs to, reading its program where it is new."""
        seen: Capture | None = None
        why = ""
        try:
            if self.tape.overflow:
                raise Untraceable("the step runs more operations than are followed")
            seen = capture(self.tape, loss)
        except Untraceable as reason:
            why = str(reason)
        leaves = list(seen.parameters.values()) if seen else reached(loss)
        key = frozenset(map(id, leaves))
        training = self.trainings.get(key)
        if training is None:
            training = self._new(key, leaves, seen, why)
        elif seen is None and training.capture is not None:
            training.gaps.setdefault("static", why)
        self._note_step(training, seen)
        return training

    def _trained_by(self, loss: Tensor) -> Training | None:
        """Return the training that this loss belongs to, where several take turns."""
        return self.trainings.get(frozenset(map(id, reached(loss))), self.current)

    def _new(
        self, key: frozenset[int], leaves: list[Tensor], seen: Capture | None, why: str
    ) -> Training:
        self._name_from(user_frame(sys._getframe(1)), leaves)
        training = Training(leaves, seen, why, self._names)
        training.draw(self.births, self._owners)
        self.trained += 1
        if len(self.trainings) < MAX_TRAININGS:
            self.trainings[key] = training
        self.lines = training.lines
        self.current = training
        self._describe(training)
        return training

    def _note_step(self, training: Training, seen: Capture | None) -> None:
        self.lines = training.lines
        if seen is None or training.capture is None:
            return
        self._line("loss", Where(*seen.loss_line))
        self._line("forward", self.called or Where(*seen.input_line))
        if seen.signature != training.capture.signature:
            training.gaps.setdefault("static", "the network does other operations at later steps")
            return
        data = list(seen.data.values())
        training.rows.note(training.step, data, self.tape.fetched, self.loader)

    def _name_from(self, frame: Any, leaves: list[Tensor]) -> None:
        """Name bare parameters by the variables that hold them."""
        nameless = {id(leaf) for leaf in leaves} - set(self._names)
        while frame is not None and nameless:
            for scope in (frame.f_locals, frame.f_globals):
                for name, value in list(scope.items()):
                    for label, tensor in _held(name, value):
                        if id(tensor) in nameless:
                            self._names[id(tensor)] = label
                            nameless.discard(id(tensor))
            frame = frame.f_back

    # -- small things ----------------------------------------------------------------------------

    def _around_batch(self, original: Any, args: Any, kwargs: Any) -> Any:
        try:
            batch = original(*args, **kwargs)
        except StopIteration:
            with self._ours():
                self.loader.ended(args[0])
            raise
        with self._ours():
            self.loader.handed(args[0], batch)
        return batch

    def _around_seed(self, original: Any, args: Any, kwargs: Any) -> Any:
        with self._ours():
            where = user_line(sys._getframe(1))
            if where is not None:
                self.seed = where
        return original(*args, **kwargs)

    def _line(self, role: str, where: Where | None) -> None:
        if where is not None and where.file:
            self.lines.setdefault(role, where)

    def _call(self, what: Any, where: Where | None) -> None:
        training = self.current
        if training is not None and len(training.calls) < 256:
            training.calls.append(Call(what, training.step, where))
            self._line(what, where)


MAX_NODES = 50_000
"""Nodes of a graph that are walked at most to see which parameters a loss belongs to."""


def reached(loss: Tensor) -> list[Tensor]:
    """Return the leaves that a backward pass from this loss gives gradients to."""
    leaves: dict[int, Tensor] = {}
    seen: set[Any] = set()
    waiting = [loss.grad_fn]
    while waiting and len(seen) < MAX_NODES:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            leaves[id(leaf)] = leaf
        waiting += [following for following, _ in reversed(node.next_functions)]
    return list(leaves.values())


def _held(name: str, value: Any) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors that a variable holds, itself or in a list, tuple or dict, with labels."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, list | tuple) and len(value) < 1000:
        yield from ((f"{name}[{i}]", v) for i, v in enumerate(value) if isinstance(v, Tensor))
    elif isinstance(value, dict) and len(value) < 1000:
        yield from ((f"{name}[{k!r}]", v) for k, v in value.items() if isinstance(v, Tensor))
