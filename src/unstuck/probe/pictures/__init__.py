"""What pictures of a run need, measured again from its recording: see `core.pictures`.

Belongs here: one file a picture, each a function of what was seen. `gathered` calls them all; what one of
them cannot draw is left out with its reason.
"""
