"""Makes a copy of the user's folders in which a patched script can be run.

The copy mirrors the paths from the root, so that `../data` leads where it led. What is large and
only read (the neighbours of the copied folders) is there as a link. The originals are
protected while the copy runs.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from unstuck.runner.job import Job

LIMIT = 1_000_000_000  # bytes; a project's code and small data, copied in a second or two
MOST_FILES = 100_000  # beyond it, a tree is data, and copying takes longer than running
SKIPPED = frozenset(
    {".git", ".hg", ".svn", "__pycache__", ".unstuck", ".tox", ".nox", "node_modules"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".ipynb_checkpoints"}
)


class ScratchError(Exception):
    """The copy cannot be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A copy of the user's folders: `copies` maps each original folder to its copy."""

    folder: Path
    cwd: Path
    copies: Mapping[Path, Path]
    linked: tuple[Path, ...]
    """Folders that are not copied but can be read from within the copy."""

    def place(self, path: Path) -> Path:
        """Where a path of the user's lies in the copy; the path itself if it is not copied."""
        for original, copy in self.copies.items():
            if path.is_relative_to(original):
                return copy / path.relative_to(original)
        return path


def make(
    folder: Path,
    *,
    cwd: Path,
    script: Path | None = None,
    patched: Mapping[Path, str] | None = None,
    limit: int = LIMIT,
) -> Scratch:
    """Copy `cwd`, the script's folder and those of the patched files to `folder`, and patch.

    `script` may be relative to `cwd`, and so may the patched files.
    """
    cwd, folder = cwd.resolve(), folder.resolve()
    texts = {(cwd / path).resolve(): text for path, text in (patched or {}).items()}
    wanted = [cwd, *([] if script is None else [(cwd / script).resolve().parent])]
    originals = outermost([*wanted, *map(_top_folder, texts)])
    _check_size(originals, folder, limit=limit)
    copies = {original: folder / original.relative_to(original.anchor) for original in originals}
    outside: list[Path] = []
    for original, copy in copies.items():
        outside += _copy(original, copy, copies=copies, folder=folder)
    linked = [*outside, *_link_neighbours(copies, folder)]
    made = Scratch(folder, copies[_holder(cwd, originals)], copies, tuple(linked))
    made = replace(made, cwd=made.place(cwd))
    for path, text in texts.items():
        made.place(path).write_bytes(text.encode("utf-8"))
    return made


def inside(job: Job, scratch: Scratch) -> Job:
    """The same job, run in the copy, with the originals protected."""
    target = job.target
    if job.kind == "script" and os.path.isabs(target):
        target = str(scratch.place(Path(target).resolve()))
    return replace(
        job,
        target=target,
        cwd=scratch.cwd,
        protect=(*job.protect, *scratch.copies, *scratch.linked),
        allow=(*job.allow, scratch.folder),
        redirect={str(original): str(copy) for original, copy in scratch.copies.items()},
    )


def outermost(folders: Iterable[Path]) -> list[Path]:
    """The folders without those that lie in another one, in their order."""
    distinct = list(dict.fromkeys(folders))
    return [f for f in distinct if not any(f != g and f.is_relative_to(g) for g in distinct)]


def _holder(path: Path, folders: Iterable[Path]) -> Path:
    return next(folder for folder in folders if path.is_relative_to(folder))


def _top_folder(file: Path) -> Path:
    """The folder of the package that a file belongs to, or its own."""
    folder = file.parent
    while (folder / "__init__.py").exists() and (folder.parent / "__init__.py").exists():
        folder = folder.parent
    return folder


def _is_skipped(entry: "os.DirEntry[str]", folder: Path) -> bool:
    """Whether a folder is not copied: histories, caches, virtual environments, the copy itself."""
    if entry.name in SKIPPED or Path(entry.path) == folder:
        return True
    return any(os.path.exists(os.path.join(entry.path, m)) for m in ("pyvenv.cfg", "conda-meta"))


def _entries(top: Path, folder: Path) -> Iterator["os.DirEntry[str]"]:
    """Everything that would be copied from `top`, folders before what is in them."""
    try:
        listing = sorted(os.scandir(top), key=lambda entry: entry.name)
    except PermissionError:
        return
    for entry in listing:
        if not entry.is_dir(follow_symlinks=False):
            yield entry
        elif not _is_skipped(entry, folder):
            yield entry
            yield from _entries(Path(entry.path), folder)


def _check_size(originals: Sequence[Path], folder: Path, *, limit: int) -> None:
    """Refuse before anything is written."""
    sizes: Counter[str] = Counter()
    files = 0
    for original in originals:
        for entry in _entries(original, folder):
            if entry.is_file(follow_symlinks=False):
                files += 1
                first = Path(entry.path).relative_to(original).parts[0]
                sizes[str(original / first)] += entry.stat(follow_symlinks=False).st_size
            if files > MOST_FILES:
                raise ScratchError(_too_much(originals, f"more than {MOST_FILES:,} files", sizes))
    if sizes.total() > limit:
        amount = f"{said(sizes.total())}, and at most {said(limit)} are copied"
        raise ScratchError(_too_much(originals, amount, sizes))


def _too_much(originals: Sequence[Path], amount: str, sizes: Counter[str]) -> str:
    names = " and ".join(map(str, originals))
    largest = "; ".join(f"{name}: {said(size)}" for name, size in sizes.most_common(3))
    return (
        f"To verify a patch the script is run in a copy of {names}, but that holds {amount} "
        f"(the largest: {largest}). Move large files to another folder (a link to it is followed, "
        "not copied), start from a smaller folder, or allow more."
    )


def said(size: int) -> str:
    """A number of bytes for people."""
    amount, unit = float(size), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.0f} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"


def _copy(original: Path, copy: Path, *, copies: Mapping[Path, Path], folder: Path) -> list[Path]:
    """Copy one tree; the places outside of it that links in it lead to."""
    copy.mkdir(parents=True, exist_ok=True)
    outside: list[Path] = []
    for entry in _entries(original, folder):
        place = copy / Path(entry.path).relative_to(original)
        if entry.is_symlink():
            outside += _copy_link(Path(entry.path), place, copies)
        elif entry.is_dir():
            place.mkdir(exist_ok=True)
        elif entry.is_file() and os.access(entry.path, os.R_OK):
            shutil.copy2(entry.path, place)
    return outside


def _copy_link(link: Path, place: Path, copies: Mapping[Path, Path]) -> list[Path]:
    """Lead a link to the copy of what it led to, or to the original if that is not copied."""
    target = Path(os.path.realpath(link))
    for original, copy in copies.items():
        if target.is_relative_to(original):
            place.symlink_to(copy / target.relative_to(original))
            return []
    place.symlink_to(target)
    return [target]


def _link_neighbours(copies: Mapping[Path, Path], folder: Path) -> list[Path]:
    """Make what lies beside the copied folders readable through `..`, as links."""
    linked: list[Path] = []
    for original in copies:
        for above in _parents_in_project(original):
            place = folder / above.relative_to(above.anchor)
            for neighbour in sorted(above.iterdir()):
                link = place / neighbour.name
                if not os.path.lexists(link) and not folder.is_relative_to(neighbour):
                    link.symlink_to(neighbour)
                    linked.append(neighbour)
    return linked


def _parents_in_project(folder: Path) -> list[Path]:
    """The folders above, as far up as the repository reaches; only the next one without one."""
    shared = {Path(folder.anchor), Path.home(), Path(tempfile.gettempdir()).resolve()}
    above = [parent for parent in folder.parents if parent not in shared]
    for reach, parent in enumerate(above, start=1):
        if (parent / ".git").exists():
            return above[:reach]
    return [] if (folder / ".git").exists() else above[:1] if folder.parent not in shared else []
