"""Scripts that nobody wrote: drawn healthy, with faults planted in them, and what is true of each.

Belongs here: how such a script is drawn and written (`script`, `tasks`), the faults (`faults`), what its
trainings show (`trained`, `truth`), and exercises made of it (`exercise`). The rules are not known here.
"""
