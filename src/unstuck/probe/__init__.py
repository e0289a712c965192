"""Measure a recorded training in a fresh process: the quantities whose source is ``probe``.

Here belongs what needs torch to compute from a Setup (forward passes, gradients, products with the
Hessian). What can be said about arrays alone belongs to `theory`. A quantity that cannot be measured
becomes a gap with its reason, never an exception.
"""

from unstuck.probe.probe import FAMILIES, Probed, probe

__all__ = ["FAMILIES", "Probed", "probe"]
