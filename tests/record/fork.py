"""Forks a script off for every line that it reads; see `nursery`."""

import json
import os
import random
import runpy
import sys
import traceback
from importlib import import_module
from pathlib import Path

import torch
import torch.utils.data
from torch.optim import optimizer as optimizers

from unstuck.runner import stop, trouble

torch.set_num_threads(1)
HERE = str(Path(__file__).parent)


def seams():
    """What the recorder replaces or adds to, by name; the same before and after it."""
    modules = torch.nn.modules.module
    found = {
        "Tensor.backward": torch.Tensor.backward,
        "autograd.backward": torch.autograd.backward,
        "autograd.grad": torch.autograd.grad,
        "Module.__init__": torch.nn.Module.__init__,
        "Module.zero_grad": torch.nn.Module.zero_grad,
        "Optimizer.__init__": torch.optim.Optimizer.__init__,
        "Optimizer.zero_grad": torch.optim.Optimizer.zero_grad,
        "Optimizer.__setstate__": torch.optim.Optimizer.__setstate__,
        "DataLoader iterator": torch.utils.data.dataloader._BaseDataLoaderIter.__next__,
        "manual_seed": torch.manual_seed,
        "comparisons": [vars(torch.Tensor).get(name) for name in ("__eq__", "__ne__", "eq", "ne")],
        "blocks without gradients": [
            vars(kind).get(name)
            for kind in (torch.no_grad, torch.inference_mode)
            for name in ("__enter__", "__exit__")
        ],
        "function modes": torch._C._len_torch_function_stack(),
        "dispatch modes": torch._C._len_torch_dispatch_stack(),
        "gradients": torch.is_grad_enabled(),
    }
    for name in sorted(vars(modules)):
        if name.startswith("_global_") and isinstance(getattr(modules, name), dict):
            found[name] = list(getattr(modules, name).values())
    for name in ("_global_optimizer_pre_hooks", "_global_optimizer_post_hooks"):
        found[name] = list(getattr(optimizers, name).values())
    return found


def child(order):
    """Be the script: run it, end the recording, and say what was left behind."""
    folder = Path(order["folder"])
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    sys.argv[:], sys.path[0] = [order["script"]], str(folder)
    random.seed(0)  # python draws a new seed in every fork
    trouble.keep_in(folder)
    before, finish = seams(), None
    if order["observer"]:
        module, _, function = order["observer"].partition(":")
        finish = getattr(import_module(module), function)(folder, json.loads(order["options"]))
    code, how = 0, "finished"
    try:
        runpy.run_path(order["script"], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        how = "stopped" if isinstance(end, stop.StopTraining) else "exited" if code else how
    except BaseException:
        traceback.print_exc()
        code, how = 1, "raised"
    if finish is not None:
        with trouble.guard("the end of the observer"):
            finish({"how": how})
    after = seams()
    left = [name for name in before if before[name] != after[name]]
    (folder / "left.json").write_text(json.dumps(left))
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def warm():
    """Import what the observer needs, and what torch imports at the first update, which takes seconds."""
    import_module("unstuck.record.torch.session")
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.zeros(1)
    torch.optim.Adam([weight]).step()


if __name__ == "__main__":
    warm()
    sys.path.insert(0, "")
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            code = 99
            try:
                code = child(json.loads(line))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
