"""Starts the script's process, waits for it, and says how it went.

The supervisor holds no framework and no data, so whatever kills the script (a crash, the kernel
for want of memory, `os._exit`) leaves it alive to say so. The script's input and output are not
in its hands: the child inherits them.

Ctrl-C: a terminal sends it to both processes. The first one is the script's; the supervisor goes on
to wait, and its caller to diagnose. The second one kills the script and raises
`KeyboardInterrupt` here. SIGTERM is forwarded to the script.

A time limit needs nothing in the script: its deadline is known to the child, whose observer
asks for it at every step and ends the script quietly (`stop.now`). A script that passes
no step within `grace` seconds after it is interrupted as by Ctrl-C, which libraries without
hooks take well (scikit-learn keeps what it has fitted); after `grace` more it is killed.
The alternatives lost: a timer or a handler in the script's process can be seen there, cuts
sleeping calls short, and may be replaced by the script's own.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from unstuck.runner import command, ending, trouble
from unstuck.runner import job as jobs
from unstuck.runner.ending import Ending
from unstuck.runner.job import Job

if sys.platform != "win32":
    import resource

GRACE = 10.0  # seconds; longer than a step of training, short for a person who waits

How = Literal["finished", "raised", "exited", "killed", "interrupted", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run went.

    `finished`: the main code came to its end, or left by `sys.exit(0)`. `raised`: an exception
    came out of it. `exited`: it left with another status, or by `os._exit`. `killed`: a signal
    ended it. `interrupted`: Ctrl-C. `stopped`: we ended it as the user had asked.
    """

    code: int
    """The status as a shell would show it: 128 + the signal's number for a killed process."""
    how: How
    exception: str | None
    """The exception's type and message."""
    wall: float
    """Seconds."""
    cpu: float | None
    """Seconds, of all its processes that were waited for."""
    memory: int | None
    """The peak of the script's process, in bytes."""
    stdout: bytes | None
    """What was printed, if it was captured."""
    stderr: bytes | None
    trouble: tuple[str, ...]
    """What went wrong on our side, one line each."""


def run(
    job: Job, run_folder: Path, *, stop_after: float | None = None, grace: float = GRACE
) -> Outcome:
    """Run the script to its end, or for `stop_after` seconds."""
    folder = run_folder.absolute()
    _clear(folder)
    begun = time.monotonic()
    deadline = None if stop_after is None else begun + stop_after
    jobs.write(job, folder, deadline=deadline)
    with ExitStack() as exits, _Signals().handled() as signals:
        process = _start(job, folder, exits)
        exits.callback(_end, process)
        signals.watch(process)
        with _enforced(process, deadline, grace if job.observer else 0.0, grace) as stopping:
            cpu, peak = _wait(process)
    end = ending.read(folder)
    _check_begun(job, folder)
    how, code = classify(
        process.returncode, end, interrupted=signals.interrupts > 0, stopping=stopping.is_set()
    )
    return Outcome(
        code=code,
        how=how,
        exception=end.exception if end else None,
        wall=time.monotonic() - begun,
        cpu=cpu,
        memory=end.memory if end and end.memory else peak,
        stdout=_captured(folder, "stdout", job.stdout),
        stderr=_captured(folder, "stderr", job.stderr),
        trouble=trouble.read(folder),
    )


def classify(
    returncode: int, end: Ending | None, *, interrupted: bool, stopping: bool
) -> tuple[How, int]:
    """How a process ended, and the status to show for it.

    `returncode` is negative for a signal, as `subprocess` has it; `stopping` says that we sent
    one because the time was over: whatever came of it was asked for.
    """
    code = 128 - returncode if returncode < 0 else returncode
    if stopping:
        return "stopped", 0
    if returncode == -signal.SIGINT or (interrupted and returncode >= 0):
        return "interrupted", code
    if returncode < 0:
        return "killed", code
    if end is None:
        return "exited", code
    if end.how in ("raised", "interrupted"):
        return end.how, code
    return ("exited", code) if code else (end.how, 0)


def _clear(folder: Path) -> None:
    """Make the run folder, without what an earlier run left of these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (jobs.BEGUN, ending.FILE, trouble.FILE, "stdout", "stderr"):
        (folder / name).unlink(missing_ok=True)


def _start(job: Job, folder: Path, exits: ExitStack) -> "subprocess.Popen[bytes]":
    flags = command.flags_of(sys.orig_argv)
    hooked = command.can_hook(flags)
    if not hooked:
        trouble.note("nothing was recorded, because of python's -S", folder=folder)
    sinks = {"inherit": None, "stderr": 2}

    def sink(name: Literal["stdout", "stderr"], wanted: str) -> int | IO[bytes] | None:
        if wanted == "captured":
            return exits.enter_context(open(folder / name, "wb"))
        return sinks[wanted]

    return subprocess.Popen(
        command.command(job, command.hookable(flags) if hooked else flags),
        cwd=job.cwd,
        env=command.environment({**os.environ, **job.env}, flags, folder if hooked else None),
        stdin=subprocess.DEVNULL if job.stdin == "empty" else None,
        stdout=sink("stdout", job.stdout),
        stderr=sink("stderr", job.stderr),
        close_fds=False,  # what our shell handed to us is the script's: <(process substitution)
    )


def _wait(process: "subprocess.Popen[bytes]") -> tuple[float | None, int | None]:
    """Wait for the process; its cpu seconds, and its peak memory in bytes where that is known.

    The kernel counts what *we* had when the process was started as a peak of its own.
    """
    if sys.platform == "win32":
        process.wait()
        return None, None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 if sys.platform == "darwin" else 1024
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = usage.ru_maxrss * scale if usage.ru_maxrss > ours else None
    return usage.ru_utime + usage.ru_stime, peak


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process that is still there when we leave."""
    if process.returncode is None:
        process.kill()
        process.wait()


def _send(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Send a signal, without `Popen.send_signal`: that reaps, and the status would be lost."""
    with suppress(ProcessLookupError):
        if process.returncode is None:
            os.kill(process.pid, number)


@contextmanager
def _enforced(
    process: "subprocess.Popen[bytes]", deadline: float | None, first: float, second: float
) -> Iterator[threading.Event]:
    """Interrupt the process `first` seconds after the deadline, and kill it `second` later."""
    over, sent = threading.Event(), threading.Event()

    def enforce(deadline: float) -> None:
        for delay, number in ((first, signal.SIGINT), (second, signal.SIGKILL)):
            deadline += delay
            if over.wait(max(0.0, deadline - time.monotonic())):
                return
            sent.set()
            _send(process, number)

    thread = None if deadline is None else threading.Thread(target=enforce, args=(deadline,))
    try:
        if thread is not None:
            thread.start()
        yield sent
    finally:
        over.set()
        if thread is not None:
            thread.join()


class _Signals:
    """What arrives while we wait; handlers must share state, so this one is mutable."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.interrupts = 0
        self.terminated = False

    def interrupt(self, number: int, frame: object) -> None:
        """The first Ctrl-C is the script's own affair, the second one ends everything."""
        self.interrupts += 1
        if self.interrupts > 1:
            raise KeyboardInterrupt  # on its way out of `run` it ends the process

    def terminate(self, number: int, frame: object) -> None:
        """Pass the signal on; how the script takes it is its own affair."""
        self.terminated = True
        if self.process is not None:
            _send(self.process, signal.SIGTERM)

    def watch(self, process: "subprocess.Popen[bytes]") -> None:
        """Say whom the signals concern; one that came too early is passed on now."""
        self.process = process
        if self.terminated:
            _send(process, signal.SIGTERM)

    @contextmanager
    def handled(self) -> Iterator["_Signals"]:
        """Install the handlers where that is possible, and put the earlier ones back."""
        earlier: dict[int, Any] = {}
        try:
            if threading.current_thread() is threading.main_thread():
                for number, handler in (
                    (signal.SIGINT, self.interrupt),
                    (signal.SIGTERM, self.terminate),
                ):
                    # An ignored signal stays ignored, because the child inherits that.
                    if signal.getsignal(number) not in (signal.SIG_IGN, None):
                        earlier[number] = signal.signal(number, handler)
            yield self
        finally:
            for restored, before in earlier.items():
                signal.signal(restored, before)


def _check_begun(job: Job, folder: Path) -> None:
    if job.observer is not None and not (folder / jobs.BEGUN).exists():
        trouble.note("nothing was recorded: python did not run our start-up hook", folder=folder)


def _captured(folder: Path, name: str, wanted: str) -> bytes | None:
    return (folder / name).read_bytes() if wanted == "captured" else None
