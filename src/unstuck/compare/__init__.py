"""Two recorded runs side by side: what is different, and which difference decides whether the first one learns.

Belongs here: what differs between two Setups, and the transplants that put one's value into the other. Trained and
proved is by `trial`.
"""

from __future__ import annotations

from unstuck.compare.compared import Compared, Side, compare

__all__ = ["Compared", "Side", "compare"]
