"""The hooks in torch, and what they tell the training that is being watched.

Every hook runs its own body guarded: a failure of ours is noted as trouble and becomes a gap, and
what the script asked torch for happens all the same. Most steps are not watched closely: for these
a hook does next to nothing.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import optimizer as optimizers
from torch.utils.data import dataloader

from unstuck.core.recording import Call, Where
from unstuck.record.frames import user_frame, user_line
from unstuck.record.seams import Seams
from unstuck.record.torch import comparisons, evaluations
from unstuck.record.torch.above import Above
from unstuck.record.torch.births import Births
from unstuck.record.torch.capture import Capture, Untraceable, capture
from unstuck.record.torch.clips import NORM, VALUE
from unstuck.record.torch.clock import Clock
from unstuck.record.torch.graph import reached, undisturbed
from unstuck.record.torch.guard import Guard, left_alone
from unstuck.record.torch.idle import settle
from unstuck.record.torch.modules import Modules
from unstuck.record.torch.optimizers import Built, Stepper, built, holding
from unstuck.record.torch.rows import Loader
from unstuck.record.torch.tape import Tape
from unstuck.record.torch.training import Training, alone

MAX_TRAININGS = 16
"""Trainings kept apart; of a script that trains more, the later ones are counted only."""

MAX_REBUILT = 256
"""Modules built in the middle of a training for which the tape is switched on (a loop may build one a step)."""

_HASH: Any = object.__hash__

_UNCOUNTED = object()
"""Stands for a backward pass of which nothing is left to do when it ends."""


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
        self.modules = Modules()
        self.tape = Tape(self.births, self.modules.running, self._untaped)
        self.loader = Loader()
        self.trainings: dict[frozenset[int], Training] = {}
        self.current: Training | None = None
        self.lines: dict[str, Where] = {}
        self.gaps: dict[str, str] = {}
        self.seed: Where | None = None
        self.stepping: tuple[Stepper, Where | None] | None = None
        self.seconds = 0.0
        self.trained = 0
        self.elsewhere = False
        self.built: list[Built] = []
        self.ended = False
        self.above = Above()
        self._differentiating = 0
        self._rebuilt = 0
        self._tell = trouble
        self._told: set[str] = set()
        self.seams = Seams(self.failed)
        self._thread = threading.get_ident()
        self._quick: Training | None = None  # its steps need only be counted
        self._paused = self._closure = False
        self._clock = Clock(self, lambda: save(self), stop_after)

    def attach(self) -> None:
        """Put every hook in."""
        around = self.seams.around
        around(  # Tensor.backward calls it
            torch.autograd,
            "backward",
            before=self._before_backward,
            after=self._after_backward,
            failed=self._no_backward,
        )
        around(
            torch.autograd,
            "grad",
            before=self._before_grad,
            after=self._after_backward,
            failed=self._no_backward,
        )
        around(nn.Module, "__init__", before=self._before_building, after=self._built)
        around(torch.optim.Optimizer, "__init__", after=self._optimizer_built)
        around(torch.optim.Optimizer, "zero_grad", before=self._clears, always=False)
        around(nn.Module, "zero_grad", before=self._clears, always=False)
        around(nn.Module, "eval", before=self._evaluates)
        for clip in (NORM, VALUE):
            tell = partial(self._clips, clip)
            around(nn.utils, clip, before=tell, after=self._clipped, always=False)
        around(dataloader._BaseDataLoaderIter, "__next__", after=self._batch, failed=self._no_batch)
        around(torch, "manual_seed", before=self._seeds)
        around(torch, "compile", before=self._compiles)
        comparisons.watch(self.seams, self)
        evaluations.watch(self.seams, self)
        self.seams.hook(optimizers.register_optimizer_step_pre_hook, self.before_step, always=False)
        self.seams.hook(optimizers.register_optimizer_step_post_hook, self.after_step)
        self.tape.switch(True)
        os.register_at_fork(after_in_child=left_alone(self))

    def detach(self) -> None:
        """Take every hook out, in the opposite order."""
        self.tape.switch(False)
        self.seams.close()

    def finish(self) -> None:
        """Take every hook out, and count an update by hand that no backward pass followed."""
        self.detach()
        self.ended = True
        if self.current is not None and self.current.by_hand is not False:
            with Guard(self):
                self.count_by_hand(self.current)
        settle(self.trainings.values())

    def failed(self, error: Exception | str, *, spoils: bool = True) -> None:
        """Note a failure of ours: it is a gap, and told once."""
        what = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
        self.gaps.setdefault("recorder", f"the recorder failed: {what}")
        if spoils:
            self.gaps.setdefault("setup", f"the recorder failed: {what}")
        if what not in self._told:
            self._told.add(what)
            self._tell(f"recorder: {what}")

    def _untaped(self, what: str) -> None:
        """Note an operation that could not be taped: whatever needs it is not traceable."""
        self.failed(what, spoils=False)

    def _watch(self, on: bool) -> None:
        """Switch the tape on or off."""
        if on != self.tape.on:
            self.births.keep(() if on else self.modules.parameters())
            self.tape.switch(on)
        self.seams.rest(not on)
        self._quick = None

    def _before_building(self, args: Any, kwargs: Any) -> None:
        if not self.tape.on and self._rebuilt < MAX_REBUILT:
            with Guard(self, spoils=False):  # another network: see how it is drawn
                self._rebuilt += 1
                self._watch(True)

    def _built(self, token: None, args: Any, result: None) -> None:
        if getattr(type(args[0]), "__hash__", None) != _HASH:  # it may need what is not there yet
            return
        with Guard(self, spoils=False):
            where = user_line()
            if where is not None:
                self.modules.built[args[0]] = where

    def _optimizer_built(self, token: None, args: Any, result: None) -> None:
        self._built(token, args, result)
        with Guard(self, spoils=False):
            if len(self.built) < MAX_TRAININGS:
                self.built.append(built(args[0], self.modules.built.get(args[0])))
            held = self.tape.freezes.hold(p for g in args[0].param_groups for p in g["params"])
            known = {id(leaf) for t in self.trainings.values() for leaf in t.leaves}
            if not held <= known and len(self.trainings) < MAX_TRAININGS:
                self._watch(True)

    def _clears(self, args: Any, kwargs: Any) -> None:
        if self.tape.on:
            with Guard(self, spoils=False):
                self._call("clear", user_line())

    def _evaluates(self, args: Any, kwargs: Any) -> None:
        if self.current is not None and self.current.step and "eval" not in self.current.lines:
            with Guard(self, spoils=False):
                self.lines = self.current.lines
                self._line("eval", user_line())

    def _compiles(self, args: Any, kwargs: Any) -> None:
        """Withdraw: what torch compiles must not meet us."""
        with Guard(self):
            self.gaps.setdefault(
                "setup", "the script compiles its network (torch.compile), which cannot be watched"
            )
            self.detach()

    def before_step(self, optimizer: Stepper, args: Any, kwargs: Any) -> None:
        """Read the optimizer that is about to step, and look away while it does."""
        with Guard(self):
            self.stepping = (optimizer, user_line() if self.tape.on else None)
            training = self._training_of(optimizer)
            if training is not None:
                self.current = training
                self._describe(training)
            self._closure = len(args) > 1 or bool(kwargs)
            if not self._closure and self.tape.on:  # the optimizer's affair
                self._paused = True
                self.tape.switch(False)

    def _describe(self, training: Training) -> None:
        """Read the optimizer that is stepping, and what it is about to step with."""
        if self.stepping is None:
            return
        optimizer, where = self.stepping
        training.by_hand = False
        training.stepped_by(optimizer)
        if not training.close:
            return
        training.described(optimizer)
        self._call("step", where)
        self._line("optimizer", self.modules.built.get(optimizer))

    def after_step(self, optimizer: Stepper, args: Any, kwargs: Any) -> None:
        """Count an update."""
        training = self._quick
        if training is not None and training.last_stepper() is optimizer:
            if training.pending:
                training.rated(optimizer)
                self._done(training)
            if training.close:
                with Guard(self):
                    self._watch(True)
            return
        self.stepping = None
        with Guard(self):
            if self._paused:
                self._paused = False
                self.tape.switch(True)
            training = self._training_of(optimizer)
            if training is None and self.current is not None and not self.current.step:
                strange = built(optimizer, self.modules.built.get(optimizer))
                self.current.idle.stepped(strange, user_line())
            if training is None or not training.pending:  # a second optimizer of this step
                return
            self.current = training
            if self._closure and training.close:
                training.used()  # the gradient came within the step
            training.stepped_by(optimizer)
            training.rated(optimizer)
            self._done(training)
            self.tape.rewind()
            self._watch(training.close)
            if not self.tape.on and training.by_hand is False and len(self.trainings) == 1:
                self._quick = training

    def _done(self, training: Training) -> None:
        """Count an update, which may be the one after which the script is to end."""
        clock = time.monotonic()
        training.done(clock)
        if not self.ended:
            self._clock.tick(training.step, clock)

    def _training_of(self, optimizer: Stepper) -> Training | None:
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        known = [*([self.current] if self.current else []), *self.trainings.values()]
        return next((t for t in known if t.trained & held), None)

    def _before_grad(self, args: Any, kwargs: Any) -> Any:
        outputs = args[0] if args else kwargs.get("outputs")
        wanted = isinstance(outputs, Tensor) and not kwargs.get("create_graph")
        return self._before_backward((outputs if wanted else None,), kwargs)

    def _before_backward(self, args: Any, kwargs: Any) -> Any:
        """Note the loss; return the training that the gradients are for."""
        training, loss = self._quick, args[0] if args else kwargs.get("tensors")
        if training is not None and undisturbed(loss, self._thread):
            if training.heard != training.step:
                training.hear(loss.item())
            training.pending = True
            return _UNCOUNTED
        if threading.get_ident() != self._thread:
            self.elsewhere = True
            return _UNCOUNTED
        self._differentiating += 1
        if self._differentiating > 1:
            return None
        with Guard(self):
            loss = loss[0] if isinstance(loss, list | tuple) and loss else loss
            if isinstance(loss, Tensor) and loss.numel() == 1:
                return self._loss(loss)
        return None

    def _loss(self, loss: Tensor) -> Training | None:
        """Note this loss and, in a step that is watched closely, what led to it."""
        training = self.current
        if training is not None and training.by_hand is not False and self.stepping is None:
            self.count_by_hand(training)
        if self.tape.on:
            training = self._captured(loss)
        elif len(self.trainings) > 1:  # several take turns
            training = self.trainings.get(frozenset(map(id, reached(loss))), training)
        if training is None:
            return None
        self.current = training
        if training.heard != training.step:
            training.hear(float(loss.detach()))
        if not training.step:
            training.idle.heard(float(loss.detach()), training.norm())
        if training.close:
            count = training.backwards.get(training.step, 0)
            training.backwards[training.step] = count + 1
            if count == 0:
                training.stale[training.step] = training.norm()
            where = user_line()
            self._call("backward", where)
            self._line("backward", where)
        return training

    def _no_backward(self, training: Any, args: Any, error: BaseException) -> None:
        if training is not _UNCOUNTED:
            self._differentiating -= 1

    def _after_backward(self, training: Any, args: Any, result: Any) -> None:
        """Note the gradients: those of the parameters, or those that were handed to the script."""
        if training is _UNCOUNTED:
            return
        self._differentiating -= 1
        if training is None:
            return
        training.pending = True
        if training.by_hand is False and not training.close:
            return
        with Guard(self):
            grads = list(result) if isinstance(result, tuple) else None
            if training.by_hand:  # the update to come is made without gradients: nothing to tape
                self.tape.rewind()
                self._watch(training.close_at(training.step + 1))
            if training.close:
                training.received(grads)
            if not training.step and training.idle.resting:
                self._watch(False)

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
            seen = capture(self.tape, loss, self.modules.is_buffer)
        except Untraceable as reason:
            why = str(reason)
        key = frozenset(map(id, seen.trained.values() if seen else reached(loss)))
        training = self.trainings.get(key)
        if training is None:
            seen = seen and alone(seen, self.trainings.values())
            leaves = list(seen.parameters.values()) if seen else reached(loss)
            training = self._new(key, leaves, seen, why)
        elif seen is None and training.capture is not None and training.close:
            training.doubt = why  # else the tape came on within the step
        self._note_step(training, seen)
        return training

    def _new(
        self, key: frozenset[int], leaves: list[Tensor], seen: Capture | None, why: str
    ) -> Training:
        self.modules.name_from(user_frame(), leaves)
        training = Training(leaves, seen, why, self.modules.names)
        training.join(list(self.trainings.values()), self.tape.freezes)
        training.draw(self.births, self.modules.owners)
        training.hidden = {id(p): self.modules.hidden.get(id(p), "") for p in leaves}
        training.idle.own = holding(self.built, leaves)
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
        mine = training.noted(seen, self.tape.fetched, self.loader)
        called = (mine and mine.called) or self.modules.called
        self._line("forward", called or Where(*(mine or seen).input_line))
        if mine is None:
            training.doubt = "the network does other operations at later steps"
            return
        if training.step == 0:
            self.tape.casts.look(training.rows.seen)

    def _clips(self, name: str, args: Any, kwargs: Any) -> None:
        with Guard(self, spoils=False):
            self._line("clip", user_line())
            if self.current is not None:
                self.current.clips.tell(name, args, kwargs)

    def _clipped(self, token: None, args: Any, result: Any) -> None:
        with Guard(self, spoils=False):
            if self.current is not None and not self.current.step:
                self.current.cut_idly()

    def _batch(self, token: None, args: Any, batch: Any) -> None:
        if self.tape.on or not self.loader.whole_pass:
            with Guard(self):
                self._line("batch", self.loader.handed(args[0], batch))
                if self.tape.rows is not None:
                    self.tape.rows = self.loader.last

    def _no_batch(self, token: None, args: Any, error: BaseException) -> None:
        if isinstance(error, StopIteration):
            with Guard(self):
                self.loader.ended(args[0])

    def _seeds(self, args: Any, kwargs: Any) -> None:
        with Guard(self, spoils=False):
            self.seed = user_line() or self.seed

    def _line(self, role: str, where: Where | None) -> None:
        if where is not None and where.file:
            self.lines.setdefault(role, where)

    def _call(self, what: Any, where: Where | None) -> None:
        training = self.current
        if training is not None and len(training.calls) < 256:
            training.calls.append(Call(what, training.step, where))
            self._line(what, where)
