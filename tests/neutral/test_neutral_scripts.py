"""Every script ends with the same weights, random states, output, warnings and exit code as alone."""

import re
from pathlib import Path

import loops
import pytest
import unusual

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [*(ROOT / "src/unstuck/casebook/scripts").glob("*.py"), *(ROOT / "tests/healthy").glob("*.py")]
)

FOOTER = """

def _summary(scope):
    import hashlib
    import random as _random

    import numpy as _numpy
    import torch as _torch

    def code(value):
        return hashlib.sha256(value).hexdigest()[:16]

    def tensor(value):
        value = value.detach()
        if value.device.type == "meta" or value.is_sparse:
            return str(value.shape)
        with _torch.no_grad():
            plain = value.as_subclass(_torch.Tensor).cpu().contiguous().clone()
        return code(bytes(plain.untyped_storage()))

    for name, value in sorted(scope.items()):
        if isinstance(value, _torch.Tensor):
            print("tensor", name, value.requires_grad, tensor(value))
            if value.is_leaf and value.grad is not None:
                print("gradient", name, tensor(value.grad))
        elif isinstance(value, _torch.nn.Module):
            for path, part in value.state_dict().items():
                print("state", name, path, tensor(part))
            print("modes", [module.training for module in value.modules()])
            print("gradients", [None if p.grad is None else tensor(p.grad) for p in value.parameters()])
        elif isinstance(value, _torch.optim.Optimizer):
            for number, state in value.state_dict()["state"].items():
                print("optimizer", name, number, {
                    k: tensor(v) if isinstance(v, _torch.Tensor) else v for k, v in state.items()
                })
    print("torch", code(bytes(_torch.get_rng_state().untyped_storage())))
    kind, keys, *rest = _numpy.random.get_state()
    print("numpy", code(keys.tobytes()), rest)
    print("random", code(repr(_random.getstate()).encode()))
    print("modes", _torch.is_grad_enabled(), _torch.get_default_dtype(), _torch.get_num_threads())


_summary(dict(globals()))
"""


def shortened(text):
    """The same script with fewer rounds: enough for the tape to go off and come back."""
    text = re.sub(r"range\((\d+)\)", lambda m: f"range({min(int(m[1]), 45)})", text)
    text = re.sub(r"(EPOCHS = |\"--epochs\", type=int, default=)\d+", r"\g<1>4", text)
    text = text.replace("else 50000", "else 60")
    return text.replace("default_rng()", "default_rng(0)").replace("range(1, 16)", "range(1, 4)")


def alike(nursery, tmp_path, source, name="train.py"):
    """Run a script alone and watched; both must agree in everything."""
    alone = nursery.run(source, tmp_path / "a", observer=None, name=name)
    watched = nursery.run(source, tmp_path / "b", name=name)
    here, there = str(tmp_path / "a"), str(tmp_path / "b")
    assert watched.stdout == alone.stdout
    assert watched.stderr.replace(there, here) == alone.stderr
    assert watched.code == alone.code
    assert watched.left == alone.left
    trouble = tmp_path / "b" / "trouble.log"
    assert not trouble.exists(), trouble.read_text()
    return watched


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_script_does_the_same_with_and_without_us(nursery, tmp_path, path):
    source = shortened(path.read_text(encoding="utf-8")) + FOOTER
    for data in (file for file in path.parent.iterdir() if file.suffix in {".tsv", ".json"}):
        source = source.replace(f'"{data.name}"', repr(str(data)))
    run = alike(nursery, tmp_path, source, path.name)
    assert run.code == 0, run.stderr
    assert "torch " in run.stdout


@pytest.mark.parametrize("name", loops.LOOPS)
def test_a_loop_does_the_same_with_and_without_us(nursery, tmp_path, name):
    run = alike(nursery, tmp_path, loops.LOOPS[name] + FOOTER)
    assert run.code == 0, run.stderr


@pytest.mark.parametrize("name", unusual.UNUSUAL)
def test_an_unusual_script_does_the_same_with_and_without_us(nursery, tmp_path, name):
    fails = {"fails": 1, "exits": 7, "fails_in_forward": 1}
    source = unusual.UNUSUAL[name]
    run = alike(nursery, tmp_path, source if name in fails else source + FOOTER)
    assert run.code == fails.get(name, 0), run.stderr


WRONG = {
    "shapes": ("net(torch.ones(2, 5))", "mat1 and mat2 shapes cannot be multiplied"),
    "classes": ("F.cross_entropy(net(x), y.int())", "Expected floating point type"),
    "sizes": ("F.mse_loss(net(x), torch.ones(7, 3))", "The size of tensor a"),
    "an in-place change": ("net[0].weight.add_(1)", "a leaf Variable that requires grad"),
    "a second pass": ("loss.backward()", "backward through the graph a second time"),
    "a gradient that is none": ("x.sum().backward()", "does not require grad"),
    "a word": ("torch.zeros(2).reshape('a')", "must be tuple of ints"),
    "our own name": ("raise SystemError('unstuck')", "unstuck"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_traceback_shows_the_script_and_torch_but_not_us(nursery, tmp_path, name):
    call, message = WRONG[name]
    source = unusual.HEAD + f"fit(3)\nloss = net(x).sum()\nloss.backward()\n{call}\n"
    alone = nursery.run(source, tmp_path / "a", observer=None)
    watched = nursery.run(source, tmp_path / "b")
    assert (alone.code, watched.code) == (1, 1)
    assert message in alone.stderr.splitlines()[-1]
    assert watched.stderr.splitlines()[-1] == alone.stderr.splitlines()[-1]
    assert "unstuck/" not in watched.stderr
    assert "<unstuck" not in watched.stderr
    mine = [
        line.replace("/b/", "/a/") for line in watched.stderr.splitlines() if "train.py" in line
    ]
    assert mine == [line for line in alone.stderr.splitlines() if "train.py" in line]


def test_a_copied_traceback_is_whole(nursery, tmp_path):
    """What a script reads off an exception that it caught itself."""
    source = (
        unusual.HEAD
        + """
import traceback
def fails():
    F.mse_loss(net(x), torch.ones(7, 3))
try:
    fails()
except RuntimeError as error:
    print([f.name for f in traceback.extract_tb(error.__traceback__) if "train.py" in f.filename])
    print(error.__context__, error.__cause__)
"""
    )
    run = nursery.run(source, tmp_path)
    assert run.stdout == "['<module>', 'fails']\nNone None\n"
