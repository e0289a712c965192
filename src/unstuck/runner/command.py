"""The command line and the environment with which python runs the script for us.

Belongs here: pure functions from a job and from how this interpreter was started. The child gets
the same interpreter and flags; the start-up hook travels in PYTHONPATH, and the user's own
value beside it, to be put back by the hook.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from unstuck.runner.job import Job

BOOT = Path(__file__).parent / "boot"
FOLDER = "UNSTUCK_BOOT"
KEPT = "UNSTUCK_KEPT_"


def command(job: Job, flags: Sequence[str]) -> list[str]:
    """What the user would have typed, with the interpreter that runs us."""
    switch = {"script": [], "module": ["-m"], "code": ["-c"]}[job.kind]
    return [sys.executable, *flags, *switch, job.target, *job.argv]


def flags_of(orig_argv: Sequence[str]) -> list[str]:
    """The interpreter's flags in a `sys.orig_argv`, one by one.

    Read from the command line rather than from `sys.flags`, because what stems from variables
    reaches the child by itself. Those that concern one program (-i, -x) are not handed on.
    """
    flags: list[str] = []
    words = iter(orig_argv[1:])
    for word in words:
        if word == "--check-hash-based-pycs":
            flags += [word, next(words, "default")]
        elif word in ("-", "--") or not word.startswith("-") or not _letters(word, words, flags):
            break
    return flags


def _letters(word: str, words: Iterator[str], flags: list[str]) -> bool:
    """Add the flags of one word such as `-Bu` or `-Wignore`; false where the program begins."""
    for at, letter in enumerate(word[1:], start=2):
        if letter in "cm-":
            return False
        if letter in "WX":
            flags.append(f"-{letter}{word[at:] or next(words, '')}")
            return True
        if letter not in "ix":
            flags.append(f"-{letter}")
    return True


def can_hook(flags: Sequence[str]) -> bool:
    """Whether python runs a start-up hook at all under these flags."""
    return "-S" not in flags


def hookable(flags: Sequence[str]) -> list[str]:
    """The same flags with -E and -I spelled such that PYTHONPATH is heard.

    The variables that they ignore are hidden by `environment` instead, and come back once python
    has started; only `sys.flags.isolated` and `sys.flags.ignore_environment` can tell.
    """
    spelled = {"-I": ["-s", "-P"], "-E": []}
    return [new for flag in flags for new in spelled.get(flag, [flag])]


def environment(
    base: Mapping[str, str], flags: Sequence[str], run_folder: Path | None
) -> dict[str, str]:
    """The child's environment: `base`, with the hook for `run_folder` unless that is None."""
    env = dict(base)
    if run_folder is None:
        return env
    users_path = env.get("PYTHONPATH")
    ignored = "-E" in flags or "-I" in flags
    for name in [name for name in env if name.startswith("PYTHON")] if ignored else []:
        env[KEPT + name] = env.pop(name)
    if users_path is not None and not ignored:
        env[KEPT + "PYTHONPATH"] = users_path
    heard = "" if ignored else users_path
    env["PYTHONPATH"] = f"{BOOT}{os.pathsep}{heard}" if heard else str(BOOT)
    env[FOLDER] = str(run_folder)
    return env
