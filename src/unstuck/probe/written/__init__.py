"""What the user's source says where the run alone does not tell: its loops and its numbers, by `ast`.

Read at diagnosis time, and never run. Rewriting source belongs to `patch`.
"""
