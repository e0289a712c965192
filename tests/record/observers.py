"""Observers for the tests: the real one, with something about it changed."""

from unstuck.runner.imports import when_imported


def start(folder, options):
    """The real one."""
    from unstuck.record.observer import start as real

    return real(folder, options)


def start_saving_often(folder, options):
    """Saves at every update."""

    def often(module):
        from unstuck.record.torch import recorder

        recorder.SAVE_SECONDS = 0.0
        if "every" in options:
            done = recorder.Recorder._done
            recorder.Recorder._done = lambda self, training: (
                setattr(self, "_save_cost", 0.0),
                done(self, training),
            )

    when_imported("torch", often)
    return start(folder, options)
