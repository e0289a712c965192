"""How a script ended, as far as the child itself can know (`ended.json` in the run folder).

A process that is killed, or leaves by `os._exit`, writes none; a status given to `sys.exit` is
known only to the supervisor.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from unstuck.runner import stop

FILE = "ended.json"


@dataclass(frozen=True, slots=True)
class Ending:
    """How the script's main code ended; `exception` is its type and message, on one line."""

    how: Literal["finished", "raised", "interrupted", "stopped"]
    exception: str | None = None
    memory: int | None = None
    """The peak of the process in bytes, where the system tells it."""


def describe(error: BaseException) -> str:
    """An exception as python writes it on the last line of a traceback."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else None
    name = name or f"{kind.__module__}.{kind.__qualname__}"
    try:
        text = str(error)
    except Exception:
        text = "<exception str() failed>"
    return f"{name}: {text}" if text else name


def uncaught() -> BaseException | None:
    """The exception that ended the script, once python has reported it.

    Python leaves it in `sys.last_value` before it calls `sys.excepthook`, whoever wrote that. So
    does interactive code (debuggers, embedded shells), but only at the end of a script is the
    first frame of the traceback one that nobody called.
    """
    error: BaseException | None = getattr(sys, "last_value", None)
    trace = getattr(sys, "last_traceback", None)
    return error if trace is None or trace.tb_frame.f_back is None else None


def peak_memory() -> int | None:
    """The most memory that this process held, in bytes; Linux tells it."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            peaks = [line.split()[1] for line in status if line.startswith("VmHWM:")]
    except OSError:
        return None
    return int(peaks[0]) * 1024 if peaks else None


def now() -> Ending:
    """How the script has ended; ask when its main code is over."""
    error = uncaught()
    if error is None:
        return Ending("stopped" if stop.stopped() else "finished", memory=peak_memory())
    how: Literal["interrupted", "raised"]
    how = "interrupted" if isinstance(error, KeyboardInterrupt) else "raised"
    return Ending(how, describe(error), peak_memory())


def write(ending: Ending, folder: Path) -> None:
    """Keep the ending for the supervisor."""
    (folder / FILE).write_text(json.dumps(asdict(ending)), encoding="utf-8")


def read(folder: Path) -> Ending | None:
    """The ending of a run, or None if the script had no chance to write one."""
    try:
        return Ending(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return None
