"""What starts the user's script again: to verify a patch, and to prove what memory cannot follow."""

from unstuck.verify.causes import provable, prove
from unstuck.verify.patched import Rerun, plan, verify

__all__ = ["Rerun", "plan", "provable", "prove", "verify"]
