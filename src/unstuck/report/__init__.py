"""What people and programs read: a Diagnosis as one screen of text, as JSON, and the next command.

Belongs here: pure renderings of `core.diagnosis.Diagnosis`, and the comments in a user's source that
say what not to report. Does not belong here: deciding anything. Nothing is imported here, so that a
command that prints no report does not pay for one.
"""
