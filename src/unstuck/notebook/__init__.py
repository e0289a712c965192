"""`%load_ext unstuck` and `%%unstuck`: a cell of a notebook is run as it is, watched, and diagnosed.

Belongs here: what is IPython's. What is seen and said is that of `unstuck.watch`.
"""

from __future__ import annotations

from unstuck.notebook.magic import load

__all__ = ["load"]
