"""How a reader of files is tried."""

import dataclasses
import fnmatch
import pathlib
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Reader:
    """How a reader is tried.

    Args:
      name: its own, after its room.
      write: writes small whole files to an empty folder.
      read: reads them all, as far as what a user gets from them.
      patterns: which of them are changed.
    """

    name: str
    write: Callable[[pathlib.Path], object]
    read: Callable[[pathlib.Path], object]
    patterns: tuple[str, ...] = ("*",)

    def files(self, folder: pathlib.Path) -> list[str]:
        names = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
        return sorted(n for n in names if any(fnmatch.fnmatch(n, p) for p in self.patterns))
