"""The pictures of a report, one file each: what is drawn, what is said below it, and for whom cannot see it.

Belongs here: which numbers of a diagnosis or of `core.pictures` become which marks. Does not belong here:
measuring anything.
"""
