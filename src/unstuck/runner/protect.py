"""Refuses to write below the user's folders while a patched copy of a script runs.

Python reports what it is about to do to audit hooks, before it does it. Libraries that write files
from compiled code report nothing; those that training scripts save with are asked here at
their own functions. What a program that the script starts may write is not seen.
"""

import errno
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial, wraps
from types import ModuleType
from typing import Any, NoReturn

from unstuck.runner.imports import when_imported

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_NAMES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.link": ((1, 3),),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.symlink": ((1, 2),),
}
"""Events that change a folder: where each path is among the arguments, and its folder's fd."""

_CONTENTS: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.removexattr": ((0, None),),
    "os.setxattr": ((0, None),),
    "os.truncate": ((0, None),),
    "os.utime": ((0, 3),),
}
"""Events that change what a path leads to, through links."""

_EVENTS = frozenset({"open", "sqlite3.connect", *_NAMES, *_CONTENTS})

_SAVERS = (
    ("torch", "save", 1, "f"),
    ("torch.jit", "save", 1, "f"),
    ("safetensors.torch", "save_file", 1, "filename"),
    ("safetensors.numpy", "save_file", 1, "filename"),
    ("pyarrow.parquet", "write_table", 1, "where"),
    ("cv2", "imwrite", 0, "filename"),
)
"""Functions that write from compiled code: module, name, and where the path is."""


def protect(folders: Iterable[os.PathLike[str]], *, allow: Iterable[os.PathLike[str]] = ()) -> None:
    """Refuse writing below `folders`, for as long as this process lives.

    Where folders lie in one another, the innermost one decides.
    """
    rules = {os.path.realpath(folder): True for folder in folders}
    rules |= {os.path.realpath(folder): False for folder in allow}
    refuse = partial(_refuse_if_protected, rules)
    sys.addaudithook(partial(_audit, refuse))
    for module, name, position, keyword in _SAVERS:
        when_imported(module, partial(_ask_first, refuse, name, position, keyword))
    when_imported("h5py", partial(_ask_h5py, refuse))


def is_protected(path: str, rules: dict[str, bool]) -> bool:
    """Whether the innermost rule above a real path refuses it."""
    while True:
        if path in rules:
            return rules[path]
        parent = os.path.dirname(path)
        if parent == path:
            return False
        path = parent


def written(event: str, args: Sequence[Any]) -> list[str]:
    """The real paths that an audit event is about to change."""
    if event == "open":
        return [_followed(args[0], None)] if _opens_for_writing(*args[:3]) else []
    if event == "sqlite3.connect":
        return [_followed(args[0], None)] if _opens_to_change(args[0]) else []
    if event in _NAMES:
        return [_named(args[at], fd and args[fd]) for at, fd in _NAMES[event]]
    return [_followed(args[at], fd and args[fd]) for at, fd in _CONTENTS.get(event, ())]


def _opens_for_writing(path: Any, mode: Any, flags: Any) -> bool:
    if isinstance(path, int):  # it is open already
        return False
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return isinstance(flags, int) and bool(flags & _WRITING)


def _opens_to_change(database: Any) -> bool:
    """Whether a database could be changed: not one in memory, or opened to be read only."""
    text = os.fsdecode(database)
    return text != ":memory:" and "mode=ro" not in text


def _absolute(path: Any, folder_fd: Any) -> str | None:
    """The path as text from the root; None where there is no path, as for an open file."""
    if isinstance(path, int) or path is None:
        return None
    text = os.fsdecode(path)
    if text.startswith("file:"):
        text = text.removeprefix("file:").partition("?")[0]
    if isinstance(folder_fd, int) and folder_fd >= 0 and not os.path.isabs(text):
        return os.path.join(os.path.realpath(f"/proc/self/fd/{folder_fd}"), text)
    return os.path.abspath(text)


def _followed(path: Any, folder_fd: Any) -> str:
    absolute = _absolute(path, folder_fd)
    return "" if absolute is None else os.path.realpath(absolute)


def _named(path: Any, folder_fd: Any) -> str:
    absolute = _absolute(path, folder_fd)
    if absolute is None:
        return ""
    folder, name = os.path.split(absolute)
    return os.path.join(os.path.realpath(folder), name)


def _refuse_if_protected(rules: dict[str, bool], path: str) -> None:
    if path and is_protected(path, rules):
        _refuse(path)


def _refuse(path: str) -> NoReturn:
    raise PermissionError(
        errno.EACCES, "unstuck runs a copy of this script, and keeps the original unchanged", path
    )


def _audit(refuse: Callable[[str], None], event: str, args: Sequence[Any]) -> None:
    if event in _EVENTS:
        for path in written(event, args):
            refuse(path)


def _ask_first(
    refuse: Callable[[str], None], name: str, position: int, keyword: str, module: ModuleType
) -> None:
    """Put a question before a function that writes the file whose path it is given."""
    save = getattr(module, name, None)
    if save is None:
        return

    @wraps(save)
    def asking(*args: Any, **kwargs: Any) -> Any:
        path = kwargs.get(keyword, args[position] if len(args) > position else None)
        if isinstance(path, str | bytes | os.PathLike):
            refuse(_followed(path, None))
        return save(*args, **kwargs)

    setattr(module, name, asking)


def _ask_h5py(refuse: Callable[[str], None], module: ModuleType) -> None:
    """The same for HDF5 files, which are opened by building an object."""
    build = module.File.__init__

    @wraps(build)
    def asking(self: Any, name: Any, mode: str = "r", *args: Any, **kwargs: Any) -> None:
        if mode != "r" and isinstance(name, str | bytes | os.PathLike):
            refuse(_followed(name, None))
        build(self, name, mode, *args, **kwargs)

    module.File.__init__ = asking
