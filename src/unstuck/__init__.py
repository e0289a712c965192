"""unstuck: why your network will not learn, proved, and the patch that cures it."""
