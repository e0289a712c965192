"""Run a recorded program again in torch: what record checks, probe measures and trial trains.

Only public torch functions that torch itself lists as overridable can be named by a program, so a
stranger's recording runs none of their code.
"""

from unstuck.replay import tensors
from unstuck.replay.interpret import interpret, interpret_loss
from unstuck.replay.unreplayable import Unreplayable

__all__ = ["Unreplayable", "interpret", "interpret_loss", "tensors"]
