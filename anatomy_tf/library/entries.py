"""Which files of a library are lifted, and how each is called."""

from __future__ import annotations

import csv
import dataclasses
import fnmatch
import os
import pathlib
from collections.abc import Iterator, Sequence

from anatomy_tf.errors import InputError
from anatomy_tf.video.files import ENDINGS

_COLUMNS = ("path", "name", "resolution", "fps", "height")


@dataclasses.dataclass(frozen=True)
class Entry:
    """A video, or what a detector wrote about one.

    Attributes:
      path: of the file, or of a folder with a file for every frame or person.
      name: what the results are called, with folders: `day1/walk`.
      resolution: (width, height) in pixels, `fps` frames a second, and `height` of the person in
        metres, where this file has its own.
    """

    path: str
    name: str
    resolution: tuple[int, int] | None = None
    fps: float | None = None
    height: float | None = None

    @property
    def is_video(self) -> bool:
        """By its ending."""
        return pathlib.PurePath(self.path).suffix.lower() in ENDINGS


def entries_of_patterns(patterns: Sequence[str]) -> list[Entry]:
    """What the patterns match: `videos/*.mp4`, or `videos/**/*.mp4` with all folders below.

    Results are called by the path from the folder that all files have in common.

    Raises:
      InputError: a pattern that matches nothing, a folder that cannot be read, a file that is
        matched twice, or two that would have the same results.
    """
    paths: list[pathlib.Path] = []
    for pattern in patterns:
        whole = pathlib.Path(pattern)
        try:
            found = sorted(_matches(pathlib.Path(whole.anchor), whole.relative_to(whole.anchor)))
        except OSError as error:
            raise InputError(f"{error.filename}: cannot be read ({error.strerror})") from error
        if not found:
            raise InputError(f"{pattern}: no file matches")
        paths += found
    return _checked([Entry(str(path), name) for path, name in _named(paths)])


def entries_of_manifest(path: pathlib.Path | str) -> list[Entry]:
    """The files that a manifest lists.

    Args:
      path: a text file with a path a line; or a `.csv` with a header, where the column `path` has
        to be, and `name`, `resolution`, `fps` and `height` may be. Paths are relative to the
        manifest's folder.

    Raises:
      InputError: it cannot be read, is empty, has a column or value that cannot be, or lists a
        file twice, or one that is not there.
    """
    path = pathlib.Path(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise InputError(f"{path}: cannot be read ({reason})") from error
    if path.suffix.lower() == ".csv":
        reader = csv.DictReader(lines)
        columns = reader.fieldnames or []
        if "path" not in columns or set(columns) - set(_COLUMNS):
            raise InputError(
                f"{path}: its header is {','.join(columns)}, not path and some of "
                f"{','.join(_COLUMNS[1:])}"
            )
        rows = [(reader.line_num, row) for row in reader]
    else:
        rows = [(i, {"path": line.strip()}) for i, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise InputError(f"{path}: there are no files in it")
    entries = []
    for number, row in rows:
        where = f"{path}, line {number}"
        if not row["path"] or None in row:
            raise InputError(f"{where}: not a path and what the header says")
        file = path.parent / row["path"]
        if not file.exists():
            raise InputError(f"{where}: {file}: file not found")
        entries.append((file, row, where))
    names = [name for _, name in _named([file for file, *_ in entries])]
    return _checked(
        [
            Entry(str(file), row.get("name") or name, **_own(row, where))
            for (file, row, where), name in zip(entries, names, strict=True)
        ]
    )


def _own(row: dict[str, str], where: str) -> dict:
    """What a row of a manifest says of its file only."""
    own: dict = {}
    try:
        if row.get("resolution"):
            width, height = map(int, row["resolution"].lower().split("x"))
            own["resolution"] = (width, height)
        own |= {name: float(row[name]) for name in ("fps", "height") if row.get(name)}
    except ValueError as error:
        raise InputError(f"{where}: {error}; a resolution is like 1920x1080") from error
    return own


def _matches(folder: pathlib.Path, pattern: pathlib.PurePath) -> Iterator[pathlib.Path]:
    """As `glob`, which would pass over a folder that cannot be read without a word."""
    first, *others = pattern.parts
    rest = pathlib.PurePath(*others)
    if first == "**":
        deeper = [path for path in _inside(folder) if path.is_dir() and not path.is_symlink()]
        found = _matches(folder, rest) if others else ()
        yield from found
        for path in deeper:
            yield from _matches(path, pattern)
        return
    if any(character in first for character in "*?["):
        chosen = [path for path in _inside(folder) if fnmatch.fnmatch(path.name, first)]
    else:
        chosen = [path for path in (folder / first,) if path.exists()]
    if not others:
        yield from chosen
        return
    for path in chosen:
        if path.is_dir():
            yield from _matches(path, rest)


def _inside(folder: pathlib.Path) -> list[pathlib.Path]:
    """What is in a folder, but for what is hidden; raises an OSError where it cannot be read."""
    with os.scandir(folder) as inside:
        return [folder / one.name for one in inside if not one.name.startswith(".")]


def _named(paths: Sequence[pathlib.Path]) -> list[tuple[pathlib.Path, str]]:
    """With the path from the folder that all have in common, without ending."""
    whole = [pathlib.Path(os.path.normpath(path.absolute())) for path in paths]
    top = os.path.commonpath([path.parent for path in whole])
    relative = [path.relative_to(top) for path in whole]
    return [
        (path, (name if path.is_dir() else name.with_suffix("")).as_posix())
        for path, name in zip(paths, relative, strict=True)
    ]


def _checked(entries: list[Entry]) -> list[Entry]:
    files: set[str] = set()
    names: dict[str, Entry] = {}
    for entry in entries:
        file = os.path.realpath(entry.path)
        if file in files:
            raise InputError(f"{entry.path}: the file is given twice")
        files.add(file)
        parts = pathlib.PurePath(entry.name)
        if parts.is_absolute() or ".." in parts.parts or not parts.parts:
            raise InputError(f"{entry.path}: its results cannot be called {entry.name}")
        other = names.setdefault(entry.name, entry)
        if other is not entry:
            raise InputError(
                f"{other.path} and {entry.path} would both have the results {entry.name}"
            )
    return entries
