"""Runs a user's script unmodified, with an observer inside and a supervisor outside.

Belongs here: starting, watching and stopping the process that runs the script, and what that
process does before the script's first line. Does not belong here: frameworks, what is recorded,
what is made of it.

The script is run by python itself: the supervisor types the very command that the user would
have typed (`python train.py …`, `python -m …`, `python -c …`), and a start-up hook
(`boot/sitecustomize.py`, found through an environment variable that is put back at once) lets the
observer in before the script's folder enters `sys.path`. So `__main__`, `sys.argv`, tracebacks,
exit codes, Ctrl-C, `atexit`, pickling and multiprocessing are python's own, not imitations. The
alternative, executing the script from a program of ours (as coverage.py does), lost: it leaves
frames below the script's (`inspect.stack()`, `warnings.warn(…, stacklevel=2)`, crash dumps), and
has to imitate how python reports exceptions and dies.

Nothing is imported here, so that the two sides stay light. The public parts:

Outside (the parent)
    `supervisor.run`, `supervisor.Outcome`, `job.Job`, `duration.seconds`, `scratch.make`
Inside (the child; for observers)
    `imports.when_imported`, `stop.due`, `stop.now`, `trouble.guard`, `own.importing`
"""
