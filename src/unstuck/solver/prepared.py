"""The user's model and rows made ready: a copy in float64 to solve on, the loss, the scaling, the bound."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import torch
from torch import Tensor, nn

from unstuck.solver.losses import Loss, fitting, resolved
from unstuck.solver.lowest import Bound, constant_and_bound, is_straight
from unstuck.solver.network import vector_of
from unstuck.solver.posed import Posed, posed
from unstuck.solver.rows import Rows, taken
from unstuck.solver.scaling import NOTHING, Scaling, folded, scaling
from unstuck.solver.spreading import redrawn, spread_thresholds
from unstuck.solver.unsolvable import Unsolvable

ASKED = 256  # rows on which these draws are looked at
DRAWS = 3  # draws of the weights from which the kind of a network is told
ENLARGED = 100.0  # factor by which weights are enlarged to see whether outputs stay in 0 to 1

STATEFUL = (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What is solved, and what is needed to give it back in the user's terms.

    template: a copy to draw weights into; inputs (n, …), targets: raw rows as the loss wants them.
    straight: whether the network is a linear map of its inputs.
    """

    template: nn.Module
    inputs: Tensor
    targets: Tensor
    loss: Loss
    scaling: Scaling
    problem: Posed
    constant: float | None
    lowest: Bound | None
    straight: bool
    notes: tuple[str, ...]

    def drawn(
        self, generator: torch.Generator, *, sharp: float = 1.0, straight: bool = False
    ) -> nn.Module:
        """Return a copy with new weights, thresholds inside the (standardised) data.

        sharp, straight: how the units bend, as in `spread_thresholds`.
        """
        made = copy.deepcopy(self.template)
        redrawn(made, generator)
        if self.problem.inputs.is_floating_point():
            rows = self.problem.inputs
            spread_thresholds(made, rows, generator, sharp=sharp, straight=straight)
        return made

    @property
    def own(self) -> Tensor:
        """The model's own weights (p,), as they act on standardised rows."""
        back = self.scaling.inputs.inverse, self.scaling.targets.inverse
        return vector_of(folded(self.template, *back, self.problem.inputs[:64]))


def prepared(model: nn.Module, X: Any, y: Any, loss: Any, generator: torch.Generator) -> Prepared:
    """Return everything that solving needs; raises Unsolvable. Call it inside `fork_rng`."""
    if not isinstance(model, nn.Module):
        raise Unsolvable(f"model is a {type(model).__name__}; give a torch.nn.Module.")
    if not any(p.requires_grad and p.numel() for p in model.parameters()):
        raise Unsolvable(
            "the model has no weight that may be changed; give one with trainable weights."
        )
    rows = taken(X, y)
    template, inputs, notes = _template(model, rows)
    outputs = [_outputs(template, inputs), *_under_draws(template, inputs[:ASKED], generator)]
    found = resolved(loss, rows.targets, outputs)
    targets = fitting(found, rows.targets, outputs[0])
    _refuse_loss(found, outputs[0], targets)
    exact = inputs.dtype == torch.float64
    by = Scaling(NOTHING, NOTHING, False, ())
    if exact:
        by = scaling(template, inputs, targets if _values(found, targets, outputs[0]) else None)
    problem = posed(template, inputs, targets, found, by)
    made = Prepared(
        template, inputs, targets, found, by, problem, None, None, False, (*notes, *by.notes)
    )
    return _with_bound(made, outputs[0], generator)


def _values(loss: Loss, targets: Tensor, output: Tensor) -> bool:
    """Whether targets are values that outputs are to come near to, and not classes or shares."""
    if loss.kind == "other":
        return targets.is_floating_point() and targets.shape == output.shape
    return loss.kind in {"squares", "absolute"}


def _with_bound(made: Prepared, output: Tensor, generator: torch.Generator) -> Prepared:
    straight = made.inputs.dtype == torch.float64 and is_straight(
        made.problem.network, [vector_of(made.drawn(generator)) for _ in range(DRAWS)], made.inputs
    )
    constant, lowest = constant_and_bound(
        made.inputs, made.targets, output, made.loss, straight=straight
    )
    return dataclasses.replace(made, straight=straight, constant=constant, lowest=lowest)


def _template(model: nn.Module, rows: Rows) -> tuple[nn.Module, Tensor, tuple[str, ...]]:
    """Return a copy that is used as in evaluation, the inputs that it takes, and what to say of it."""
    notes: tuple[str, ...] = ()
    if any(isinstance(module, STATEFUL) for module in model.modules()):
        notes = (
            "dropout and batch normalisation were held as in evaluation: nothing dropped, running means fixed",
        )
    double = copy.deepcopy(model).cpu().double().eval()
    inputs = rows.inputs
    if _runs(double, inputs.double()):
        return double, inputs.double(), notes
    if not inputs.is_floating_point() and _runs(double, inputs):
        return double, inputs, notes
    single = copy.deepcopy(model).cpu().float().eval()
    if _runs(single, inputs.float()):
        said = "the network insists on float32, so it was solved in float32 and on raw rows"
        return single, inputs.float(), (*notes, said)
    try:
        with torch.no_grad():
            double(inputs.double())
    except Exception as error:
        raise Unsolvable(
            f"the network fails on X of shape {tuple(inputs.shape)}: {_first_line(error)}; give the rows"
            " in the shape that its forward takes."
        ) from error
    raise Unsolvable(
        f"the network does not make one output of numbers for each of the {len(inputs):,} rows of X;"
        " give a model whose forward returns a tensor that begins with the rows."
    )


def _runs(model: nn.Module, inputs: Tensor) -> bool:
    try:
        with torch.no_grad():
            made = model(inputs)
    except Exception:
        return False
    fits = isinstance(made, Tensor) and made.ndim > 0 and len(made) == len(inputs)
    return fits and made.is_floating_point()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def _outputs(model: nn.Module, inputs: Tensor) -> Tensor:
    with torch.no_grad():
        made = model(inputs)
    assert isinstance(made, Tensor)
    return made


def _under_draws(model: nn.Module, inputs: Tensor, generator: torch.Generator) -> list[Tensor]:
    """Return outputs under other weights, and under those enlarged: what stays in 0 to 1 is held there."""
    found = []
    for _ in range(DRAWS):
        made = copy.deepcopy(model)
        redrawn(made, generator)
        found.append(_outputs(made, inputs))
        with torch.no_grad():
            for parameter in made.parameters():
                parameter.mul_(ENLARGED)
        found.append(_outputs(made, inputs))
    return [each for each in found if bool(torch.isfinite(each).all())]


def _refuse_loss(loss: Loss, output: Tensor, targets: Tensor) -> None:
    try:
        value = loss.of(output.detach().clone().requires_grad_(), targets)
        differentiable = value.requires_grad
    except Exception as error:
        raise Unsolvable(
            f"the loss {loss.name} fails on outputs {tuple(output.shape)} and targets"
            f" {tuple(targets.shape)}: {_first_line(error)}; give one that takes (outputs, targets)."
        ) from error
    if not differentiable:
        raise Unsolvable(
            f"the loss {loss.name} has no gradient by the outputs; give one made of torch operations."
        )
