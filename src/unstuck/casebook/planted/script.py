"""A training script as a record of its choices, and the text that a person with these habits writes.

A fault is a field: `clears = "never"`. Mending it gives the field its healthy value again, so that a
script with some of its faults mended is the same text that it would have been without these.
"""

from __future__ import annotations

import dataclasses
import itertools
import math

CALLS = {
    "relu": ("torch.relu({})", "nn.ReLU()"),
    "tanh": ("torch.tanh({})", "nn.Tanh()"),
    "sigmoid": ("torch.sigmoid({})", "nn.Sigmoid()"),
    "elu": ("F.elu({})", "nn.ELU()"),
    "gelu": ("F.gelu({})", "nn.GELU()"),
    "leaky": ("F.leaky_relu({})", "nn.LeakyReLU()"),
    "softmax": ("torch.softmax({}, dim=1)", "nn.Softmax(dim=1)"),
    "": ("{}", ""),
}
LOSSES = {
    "mse": ("nn.MSELoss()", "F.mse_loss({pred}, {y})"),
    "squares": ("", "(({pred} - {y}) ** 2).mean()"),
    "logits": ("nn.BCEWithLogitsLoss()", "F.binary_cross_entropy_with_logits({pred}, {y})"),
    "bce": ("nn.BCELoss()", "F.binary_cross_entropy({pred}, {y})"),
    "ce": ("nn.CrossEntropyLoss()", "F.cross_entropy({pred}, {y})"),
    "nll": ("", "F.nll_loss(F.log_softmax({pred}, dim={axis}), {y})"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    """What the person calls things."""

    x: str = "X"
    y: str = "y"
    net: str = "net"
    opt: str = "opt"
    pred: str = "pred"


@dataclasses.dataclass(frozen=True, slots=True)
class Script:
    """One training script. kind: regression, binary or classes; data: lines that make x and y.

    style: sequential, class, list (layers in a list) or functional; batch 0: all rows at once;
    scales: expressions of the name that x (or y) is replaced by.
    """

    kind: str
    data: tuple[str, ...]
    inputs: int
    outputs: int
    names: Names
    seed: int
    style: str
    widths: tuple[int, ...]
    activation: str
    loss: str
    optimizer: str
    rate: float
    epochs: int
    batch: int = 0
    criterion: bool = (
        True  # a loss object made before the loop, rather than a function called in it
    )
    final: str = ""  # what the output passes through
    init: str = ""  # "", xavier, constant, normal or off
    init_value: float = 0.0
    clears: str = "first"  # first, before (backward), last, between (backward and step) or never
    steps: bool = True
    decay: float = 0.0
    momentum: float = 0.0
    clip: float = 0.0
    schedule: str = ""  # "", cosine or an expression of the optimizer's name
    held: str = "all"  # parameters that the optimizer holds: all, last or former
    recreated: bool = False
    registered: bool = True
    column: bool = True  # targets are reshaped to (N, 1), where there is one output
    axis: int = 1
    x_scale: str = ""
    y_scale: str = ""

    @property
    def text(self) -> str:
        """The source text."""
        body = [*_data(self), "", *_network(self), "", *_training(self)]
        return "\n".join(
            [*_imports("\n".join(body)), "", f"torch.manual_seed({self.seed})", *body, ""]
        )


def _imports(body: str) -> list[str]:
    lines = ["import numpy as np"] if "np." in body else []
    lines += ["import torch", "from torch import nn"]
    lines = [line for line in lines if line != "from torch import nn" or "nn." in body]
    if "F." in body:
        lines.append("import torch.nn.functional as F")
    if "DataLoader" in body:
        lines.append("from torch.utils.data import DataLoader, TensorDataset")
    return lines


def _data(s: Script) -> list[str]:
    x, y = s.names.x, s.names.y
    lines = [line.format(x=x, y=y) for line in s.data]
    if s.x_scale:
        lines.append(s.x_scale.format(x=x))
    if s.y_scale:
        lines.append(s.y_scale.format(y=y))
    if s.outputs == 1 and s.column:
        lines.append(f"{y} = {y}.unsqueeze(1)" if s.seed % 2 else f"{y} = {y}.view(-1, 1)")
    if s.batch:
        lines.append(
            f"loader = DataLoader(TensorDataset({x}, {y}), batch_size={s.batch}, shuffle=True)"
        )
    return lines


def _sizes(s: Script) -> list[tuple[int, int]]:
    every = (s.inputs, *s.widths, s.outputs)
    return list(itertools.pairwise(every))


def _network(s: Script) -> list[str]:
    make = {"sequential": _sequential, "class": _class, "list": _listed, "functional": _functional}
    return make[s.style](s)


def _sequential(s: Script) -> list[str]:
    lines = [f"{s.names.net} = nn.Sequential("]
    for number, (before, after) in enumerate(_sizes(s)):
        lines.append(f"    nn.Linear({before}, {after}),")
        module = CALLS[s.activation if number < len(s.widths) else s.final][1]
        lines += [f"    {module},"] if module else []
    return [*lines, ")", *_drawn(s)]


def _class(s: Script) -> list[str]:
    lines = ["", "class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    names = [f"fc{number}" for number in range(1, len(s.widths) + 1)] + ["out"]
    for name, (before, after) in zip(names, _sizes(s), strict=True):
        lines.append(f"        self.{name} = nn.Linear({before}, {after})")
    lines += ["", "    def forward(self, x):"]
    for name in names[:-1]:
        lines.append(f"        x = {CALLS[s.activation][0].format(f'self.{name}(x)')}")
    lines.append(f"        return {CALLS[s.final][0].format('self.out(x)')}")
    return [*lines, "", "", f"{s.names.net} = Net()", *_drawn(s)]


def _listed(s: Script) -> list[str]:
    layers = ", ".join(f"nn.Linear({before}, {after})" for before, after in _sizes(s)[:-1])
    held = f"nn.ModuleList([{layers}])" if s.registered else f"[{layers}]"
    step = CALLS[s.activation][0].format("layer(x)")
    return [
        *("", "class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"),
        f"        self.hidden = {held}",
        f"        self.out = nn.Linear({s.widths[-1]}, {s.outputs})",
        *("", "    def forward(self, x):", "        for layer in self.hidden:"),
        f"            x = {step}",
        f"        return {CALLS[s.final][0].format('self.out(x)')}",
        *("", "", f"{s.names.net} = Net()"),
        *_drawn(s),
    ]


def _drawn(s: Script) -> list[str]:
    """Weights of modules that are not left as they were drawn."""
    net = s.names.net
    if s.init == "constant":
        return [f"for p in {net}.parameters():", f"    nn.init.constant_(p, {s.init_value:g})"]
    how = {
        "xavier": "nn.init.xavier_uniform_(m.weight)",
        "normal": f"nn.init.normal_(m.weight, std={s.init_value:g})",
        "off": f"nn.init.constant_(m.bias, {s.init_value:g})",
    }
    if not s.init:
        return []
    return [
        *(f"for m in {net}.modules():", "    if isinstance(m, nn.Linear):"),
        f"        {how[s.init]}",
    ]


def _functional(s: Script) -> list[str]:
    lines, hidden = [], "x"
    sizes = _sizes(s)
    for number, (before, after) in enumerate(sizes, start=1):
        std = s.init_value if s.init == "normal" else round(1 / math.sqrt(before), 3)
        weight = f"(torch.randn({before}, {after}) * {std:g}).requires_grad_()"
        if s.init == "constant":
            weight = f"torch.full(({before}, {after}), {s.init_value:g}, requires_grad=True)"
        bias = f"torch.zeros({after}, requires_grad=True)"
        if s.init == "off":
            bias = f"torch.full(({after},), {s.init_value:g}, requires_grad=True)"
        lines += [f"W{number} = {weight}", f"b{number} = {bias}"]
    body = []
    for number in range(1, len(sizes)):
        line = CALLS[s.activation][0].format(f"{hidden} @ W{number} + b{number}")
        body.append(f"    h = {line}")
        hidden = "h"
    last = CALLS[s.final][0].format(f"{hidden} @ W{len(sizes)} + b{len(sizes)}")
    return [*lines, "", "", f"def {s.names.net}(x):", *body, f"    return {last}", ""]


def _parameters(s: Script) -> str:
    net, last = s.names.net, len(s.widths) + 1
    if s.style == "functional":
        first = last if s.held == "last" else 1
        held = [f"{letter}{number}" for number in range(first, last + 1) for letter in "Wb"]
        return f"[{', '.join(held)}]"
    if s.held == "last":
        where = "[-1]" if s.style == "sequential" and not s.final else "[-2]"
        return f"{net}{where if s.style == 'sequential' else '.out'}.parameters()"
    return f"{net}.parameters()"


def _optimizer(s: Script) -> str:
    options = [f"lr={s.rate:g}"]
    options += [f"momentum={s.momentum:g}"] if s.momentum else []
    options += [f"weight_decay={s.decay:g}"] if s.decay else []
    made = f"torch.optim.{s.optimizer}({_parameters(s)}, {', '.join(options)})"
    return f"{s.names.opt} = {made}"


def _schedule(s: Script) -> list[str]:
    if not s.schedule:
        return []
    made = s.schedule.format(opt=s.names.opt, epochs=s.epochs)
    return [f"scheduler = torch.optim.lr_scheduler.{made}"]


def _training(s: Script) -> list[str]:
    lines = [] if s.recreated else [_optimizer(s), *_schedule(s)]
    if s.held == "former":
        lines.append(f"{s.names.net} = Net()")
    if s.criterion and LOSSES[s.loss][0]:
        lines.append(f"criterion = {LOSSES[s.loss][0]}")
    lines += ["", f"for epoch in range({s.epochs}):"]
    indent = "    "
    x, y = s.names.x, s.names.y
    if s.batch:
        lines.append("    for xb, yb in loader:")
        indent, x, y = "        ", "xb", "yb"
    lines += [indent + line for line in _step(s, x, y)]
    if s.schedule and not s.recreated:
        lines.append("    scheduler.step()")
    every = max(1, s.epochs // 5)
    return [*lines, f"    if epoch % {every} == 0:", "        print(epoch, loss.item())"]


def _step(s: Script, x: str, y: str) -> list[str]:
    """The lines of one update."""
    clear, pred = f"{s.names.opt}.zero_grad()", s.names.pred
    lines = [_optimizer(s)] if s.recreated else []
    lines += [clear] if s.clears == "first" else []
    lines.append(f"{pred} = {s.names.net}({x})")
    named = s.criterion and LOSSES[s.loss][0]
    loss = "criterion({pred}, {y})" if named else LOSSES[s.loss][1]
    lines.append("loss = " + loss.format(pred=pred, y=y, axis=s.axis))
    lines += [clear] if s.clears == "before" else []
    lines.append("loss.backward()")
    lines += [clear] if s.clears == "between" else []
    if s.clip:
        lines.append(f"nn.utils.clip_grad_norm_({_parameters(s)}, {s.clip:g})")
    lines += [f"{s.names.opt}.step()"] if s.steps else []
    lines += [clear] if s.clears == "last" else []
    return lines
