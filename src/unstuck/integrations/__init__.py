"""Callbacks for those who prefer one to `unstuck run`: of Keras, Lightning and skorch, a module each.

Belongs here: when a watch is opened and closed. What is seen and said is that of `unstuck.watch`.
"""
