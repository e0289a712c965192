"""What starts the user's script again: to verify a patch, and to prove what memory cannot follow."""

from unstuck.verify.causes import provable, prove
from unstuck.verify.patched import MENDS, Rerun, plan, verify

__all__ = ["MENDS", "Rerun", "plan", "provable", "prove", "verify"]
