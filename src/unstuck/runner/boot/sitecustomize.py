"""Lets the observer in while python starts, then makes way for the user's own sitecustomize.

This folder holds only this file: it is on `sys.path` until the first lines below take it off.
Everything that the supervisor put into the environment is put back as it was, so neither the
script nor a process that it starts sees any of it.

Only `os` and `sys` are imported at the top: python has loaded them by now, so no file of the
user's that is named like a module of the standard library can come in their place.
"""

import os
import sys

_BOOT = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(os.path.dirname(_BOOT))
_FOLDER = "UNSTUCK_BOOT"  # the run folder
_KEPT = "UNSTUCK_KEPT_"  # the user's variables that the supervisor replaced or hid


def _restore_environment() -> str | None:
    """Put the user's environment back; the run folder, or None if this start is not ours."""
    folder = os.environ.pop(_FOLDER, None)
    if folder is None:
        return None
    if _KEPT + "PYTHONPATH" not in os.environ:
        os.environ.pop("PYTHONPATH", None)
    for name in [name for name in os.environ if name.startswith(_KEPT)]:
        os.environ[name[len(_KEPT) :]] = os.environ.pop(name)
    return folder


def _restore_path() -> None:
    """Take this folder off `sys.path` again."""
    sys.path[:] = [entry for entry in sys.path if entry != _BOOT]
    sys.path_importer_cache.pop(_BOOT, None)


def _clean_path() -> list[str]:
    """`sys.path` with the folders of the user's PYTHONPATH last, where they shadow nothing."""
    listed = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    users = {os.path.abspath(entry) for entry in listed.split(os.pathsep)} if listed else set()
    return sorted(sys.path, key=users.__contains__)


def _load_package() -> None:
    """Import our package from where this file lies, whatever `sys.path` says."""
    from importlib.util import module_from_spec, spec_from_file_location

    init = os.path.join(_PACKAGE, "__init__.py")
    spec = spec_from_file_location("unstuck", init, submodule_search_locations=[_PACKAGE])
    assert spec is not None and spec.loader is not None
    sys.modules["unstuck"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


def _begin(folder: str) -> None:
    """Start the observer, with a `sys.path` on which nothing of the user's comes first."""
    before, path, listed = frozenset(sys.modules), sys.path[:], set(sys.path_importer_cache)
    sys.path[:] = clean = _clean_path()
    try:
        _load_package()
        from unstuck.runner import child

        child.begin(folder, before=before, clean_path=clean, path=path)
    finally:
        sys.path[:] = path
        # A listing kept from now would hide files that the script writes and then imports.
        for entry in sys.path_importer_cache.keys() - listed:
            del sys.path_importer_cache[entry]


def _report(folder: str) -> None:
    """Our start failed: one line for the report, and the script runs as if we were not there."""
    kind, error, trace = sys.exc_info()
    with open(os.path.join(folder, "trouble.log"), "a", encoding="utf-8") as log:
        log.write(f"unstuck: the start failed: {type(error).__name__}: {error}\n")
    if os.environ.get("UNSTUCK_RAISE") == "1" and kind and error:
        sys.__excepthook__(kind, error, trace)
        os._exit(70)


def _die_of_interrupt() -> None:
    """End as a process without a handler for Ctrl-C ends: the script has not begun."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def _main() -> None:
    folder = _restore_environment()
    _restore_path()
    if folder is None:
        return
    try:
        _begin(folder)
    except KeyboardInterrupt:
        _die_of_interrupt()
    except Exception:
        _report(folder)


_main()
del sys.modules[__name__]
# The user's own; where there is none, `site` expects the ImportError of this line.
import sitecustomize  # type: ignore[import-not-found]  # noqa: E402, F401
