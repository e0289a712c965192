"""Solving for a network's weights on a small problem, and the certificate that its size suffices.

Here belong optimisers over a torch module's weights, and what makes them get there: standardisation
that is folded back, thresholds inside the data, several starts. What can be said without torch is in
`unstuck.theory`.
"""

from unstuck.solver.certificate import Certificate, certify
from unstuck.solver.fit import fit
from unstuck.solver.fitted import Fitted, Start
from unstuck.solver.lowest import Bound
from unstuck.solver.scaling import Standardise
from unstuck.solver.unsolvable import Unsolvable

__all__ = ["Bound", "Certificate", "Fitted", "Standardise", "Start", "Unsolvable", "certify", "fit"]
