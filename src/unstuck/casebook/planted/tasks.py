"""What the scripts of the population learn, and the habits with which they are written.

A task is the lines that make `{x}` and `{y}`, well scaled; targets of one output have the shape (N,).
"""

from __future__ import annotations

import dataclasses
import random

from unstuck.casebook.planted.script import Names, Script


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """kind: regression, binary or classes; lines: how the data are made; `{n}`: how many rows."""

    kind: str
    inputs: int
    outputs: int
    lines: tuple[str, ...]


def _curve(formula: str) -> Task:
    return Task("regression", 1, 1, ("{x} = torch.linspace(-2, 2, {n}).unsqueeze(1)", formula))


def _plane(formula: str, outputs: int = 1) -> Task:
    return Task("regression", 2, outputs, ("{x} = torch.rand({n}, 2) * 4 - 2", formula))


def _table(columns: int, *lines: str, kind: str = "regression", outputs: int = 1) -> Task:
    return Task(kind, columns, outputs, (f"{{x}} = torch.randn({{n}}, {columns})", *lines))


ANGLE = "angle = torch.rand({n}) * 6.283"
NUMPY = ("rng = np.random.default_rng(4)", "raw = rng.uniform(-1.5, 1.5, size=({n}, 3))")

TASKS = (
    _curve("{y} = torch.sin(2 * {x}[:, 0])"),
    _curve("{y} = {x}[:, 0] ** 2 - 1 + 0.03 * torch.randn({n})"),
    _curve("{y} = {x}[:, 0].abs()"),
    _curve("{y} = torch.exp(-(({x}[:, 0]) ** 2) * 2)"),
    _curve("{y} = {x}[:, 0] ** 3 - 2 * {x}[:, 0]"),
    _curve("{y} = torch.cos(1.5 * {x}[:, 0]) * torch.exp(-0.3 * {x}[:, 0])"),
    _plane("{y} = {x}[:, 0] * {x}[:, 1]"),
    _plane("{y} = torch.sin({x}[:, 0]) + 0.5 * {x}[:, 1] ** 2"),
    _plane("{y} = torch.exp(-({x} ** 2).sum(1))"),
    _plane("{y} = ({x} ** 2).sum(1).sqrt() - 1"),
    _plane("{y} = torch.stack([{x}.prod(1), {x}.sum(1)], 1)", outputs=2),
    _plane("{y} = torch.stack([{x}[:, 0].sin(), {x}[:, 1].cos(), {x}[:, 0].abs()], 1)", outputs=3),
    _table(4, "{y} = {x}[:, 0] - 0.5 * {x}[:, 1] * {x}[:, 2] + 0.05 * torch.randn({n})"),
    _table(6, "{y} = torch.relu({x}[:, 0]) + {x}[:, 1] - torch.relu({x}[:, 2] + {x}[:, 3])"),
    _table(8, "w = torch.randn(8)", "{y} = torch.tanh({x} @ w) + 0.3 * {x}[:, 0]"),
    _table(5, "{y} = torch.stack([{x}[:, :2].prod(1), {x}[:, 2:].mean(1)], 1)", outputs=2),
    Task(
        *("regression", 3, 1),
        (
            *NUMPY,
            "values = np.sin(2 * raw[:, 0]) + raw[:, 1] * raw[:, 2]",
            "{x} = torch.tensor(raw, dtype=torch.float32)",
            "{y} = torch.tensor(values, dtype=torch.float32)",
        ),
    ),
    Task(
        *("binary", 2, 1),
        (
            ANGLE,
            "inner = torch.arange({n}) % 2",
            "radius = 2 - inner + 0.1 * torch.randn({n})",
            "{x} = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)",
            "{y} = inner.float()",
        ),
    ),
    Task(
        *("binary", 2, 1),
        (
            "phi = torch.rand({n}) * 3.1416",
            "side = torch.arange({n}) % 2",
            "moon = torch.stack([phi.cos(), phi.sin()], 1)",
            "other = torch.stack([1 - phi.cos(), 0.4 - phi.sin()], 1)",
            "{x} = torch.where(side[:, None] == 1, moon, other) + 0.05 * torch.randn({n}, 2)",
            "{y} = side.float()",
        ),
    ),
    Task(
        *("binary", 2, 1),
        (
            "corner = torch.randint(0, 2, ({n}, 2)) * 2 - 1",
            "{x} = corner + 0.3 * torch.randn({n}, 2).clamp(-2, 2)",
            "{y} = (corner.prod(1) > 0).float()",
        ),
    ),
    Task(
        *("binary", 1, 1),
        (
            "level = torch.arange({n}) % 3",
            "{x} = (level - 1.0 + 0.25 * torch.rand({n})).unsqueeze(1)",
            "{y} = (level == 1).float()",
        ),
    ),
    _table(
        5,
        "score = {x}[:, 0] + {x}[:, 1] - {x}[:, 2].abs()",
        "{x}[:, 3] = score.sign() * (0.5 + {x}[:, 3].abs())",
        "{y} = (score > 0).float()",
        kind="binary",
    ),
    Task(
        *("classes", 2, 3),
        (
            "centres = torch.tensor([[0.0, 1.5], [-1.3, -0.8], [1.3, -0.8]])",
            "{y} = torch.randint(0, 3, ({n},))",
            "{x} = centres[{y}] + 0.25 * torch.randn({n}, 2)",
        ),
    ),
    Task(
        *("classes", 2, 3),
        (
            ANGLE,
            "{y} = torch.arange({n}) % 3",
            "radius = 0.5 + {y} + 0.1 * torch.randn({n})",
            "{x} = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)",
        ),
    ),
    Task(
        *("classes", 2, 4),
        (
            "{y} = torch.randint(0, 4, ({n},))",
            "corner = torch.stack([{y} % 2, {y} // 2], 1) * 2.0 - 1",
            "{x} = corner + 0.25 * torch.randn({n}, 2)",
        ),
    ),
    Task(
        *("classes", 6, 5),
        (
            "centres = torch.randn(5, 6) * 1.5",
            "{y} = torch.arange({n}) % 5",
            "{x} = centres[{y}] + 0.2 * torch.randn({n}, 6)",
        ),
    ),
)

NAMES = (
    Names(),
    Names("x_train", "y_train", "model", "optimizer", "output"),
    Names("inputs", "targets", "model", "opt", "prediction"),
    Names("features", "labels", "mlp", "optimizer", "out"),
    Names("xs", "ys", "network", "optimizer", "guess"),
)
RATES = {
    "SGD": (0.05, 0.1, 0.2),
    "momentum": (0.02, 0.05),
    "Adam": (3e-3, 5e-3, 0.01),
    "AdamW": (3e-3, 5e-3, 0.01),
    "RMSprop": (1e-3, 3e-3),
}
LOSSES = {"regression": ("mse", "mse", "squares"), "binary": ("logits", "logits", "bce")}


def drawn(draw: random.Random) -> Script:
    """Return a script that ought to be healthy; whether it is, is for its runs to say."""
    task = draw.choice(TASKS)
    rows = draw.choice((64, 96, 128, 200, 300))
    loss = draw.choice(LOSSES.get(task.kind, ("ce", "ce", "nll")))
    optimizer = draw.choice(tuple(RATES))
    style = draw.choice(("sequential", "class", "list", "functional"))
    batch = draw.choice((0, 0, 16, 32))
    updates = draw.choice((400, 600, 800, 1000))
    per_epoch = -(-rows // batch) if batch else 1
    return Script(
        task.kind,
        tuple(line.replace("{n}", str(rows)) for line in task.lines),
        task.inputs,
        task.outputs,
        draw.choice(NAMES),
        draw.randrange(100),
        style,
        (draw.choice((16, 24, 32, 48)),) * draw.choice((1, 2, 2, 3)),
        draw.choice(("relu", "relu", "tanh", "tanh", "leaky", "elu", "gelu")),
        loss,
        "SGD" if optimizer == "momentum" else optimizer,
        draw.choice(RATES[optimizer]),
        max(1, updates // per_epoch),
        batch,
        criterion=draw.random() < 0.6,
        final="sigmoid" if loss == "bce" else "",
        init="xavier" if style != "functional" and draw.random() < 0.2 else "",
        clears=draw.choice(("first", "before", "before", "last")),
        decay=draw.choice((0.0, 0.0, 0.0, 1e-5)),
        momentum=0.9 if optimizer == "momentum" else 0.0,
        clip=draw.choice((0.0, 0.0, 0.0, 0.0, 5.0)),
        schedule=draw.choice(("", "", "", "CosineAnnealingLR({opt}, {epochs})")),
    )
