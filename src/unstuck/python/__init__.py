"""What one types in Python: `diagnose` for a model and its rows, `watch` for a loop, and what they give back.

Belongs here: taking what a user has at hand, recording it in this process without disturbing it, and
having the recording diagnosed in a fresh one. Does not belong here: measuring, proving or wording.
"""
