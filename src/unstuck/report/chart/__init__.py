"""Charts as SVG: markup that is escaped by construction, scales with round ticks, a frame with axes.

Belongs here: what any picture needs. Does not belong here: diagnoses; they are in `report.picture`.
"""
