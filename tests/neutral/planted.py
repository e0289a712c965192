"""An observer whose parts fail: `options["fails"]` names a seam, which raises from its n-th call on."""

import importlib

from unstuck.runner.imports import when_imported

RECORDER = "unstuck.record.torch.recorder:Recorder"
SEAMS = {
    "the start of a module": f"{RECORDER}._before_building",
    "a module that was built": f"{RECORDER}._built",
    "an optimizer that was built": f"{RECORDER}._optimizer_built",
    "a clear": f"{RECORDER}._clears",
    "the front of a step": f"{RECORDER}.before_step",
    "what is read of an optimizer": f"{RECORDER}._describe",
    "the back of a step": f"{RECORDER}.after_step",
    "the count of steps": f"{RECORDER}._done",
    "the front of a backward pass": f"{RECORDER}._before_backward",
    "a loss": f"{RECORDER}._loss",
    "the fast path": "unstuck.record.torch.recorder:undisturbed",
    "the back of a backward pass": f"{RECORDER}._after_backward",
    "a backward pass that failed": f"{RECORDER}._no_backward",
    "a gradient": f"{RECORDER}._before_grad",
    "a batch": f"{RECORDER}._batch",
    "the end of the batches": f"{RECORDER}._no_batch",
    "a seed": f"{RECORDER}._seeds",
    "the switch of the tape": f"{RECORDER}._watch",
    "what is taped": "unstuck.record.torch.tape:Tape._note",
    "the frames of a caller": "unstuck.record.torch.tape:_callers",
    "the stack of modules": "unstuck.record.torch.modules:Modules.running",
    "the names of modules": "unstuck.record.torch.modules:Modules.learn",
    "the names of variables": "unstuck.record.torch.modules:Modules.name_from",
    "births": "unstuck.record.torch.births:Births.note",
    "what is kept of births": "unstuck.record.torch.births:Births.keep",
    "an evaluation": "unstuck.record.torch.evaluations:Evaluations.keep",
    "the capture": "unstuck.record.torch.recorder:capture",
    "the rows": "unstuck.record.torch.rows:Rows.note",
    "the draws": "unstuck.record.torch.training:Training.draw",
    "the gradients": "unstuck.record.torch.training:Training.received",
    "the curve": "unstuck.record.curve:Curve.add",
    "a training's count": "unstuck.record.torch.training:Training.done",
    "the user's line": "unstuck.record.torch.recorder:user_line",
    "the setup": "unstuck.record.torch.training:Training.setup",
    "the recording": "unstuck.record.torch.session:recording",
    "the sites": "unstuck.record.torch.session:_sites",
    "the file": "unstuck.record.torch.session:save",
    "the end": f"{RECORDER}.finish",
}


def start(folder, options):
    def plant(module):
        where, _, path = SEAMS[options["fails"]].partition(":")
        owner = importlib.import_module(where)
        *outer, name = path.split(".")
        for part in outer:
            owner = getattr(owner, part)
        original, calls = getattr(owner, name), iter(range(10**9))

        def fails(*args, **kwargs):
            if next(calls) >= options.get("after", 0):
                raise ValueError(f"planted in {path}\nof two lines")
            return original(*args, **kwargs)

        importlib.import_module("unstuck.record.torch.session")
        setattr(owner, name, fails)

    when_imported("torch", plant)
    from unstuck.record.observer import start as real

    return real(folder, options)
