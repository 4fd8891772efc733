"""Flagfiles: flags in a file, a line each, with comments and with other flagfiles included.

The tools put the flags of a file in the place of `--flagfile=NAME` before they are parsed, so that
an included file is found from any current folder.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Sequence

from anatomy_tf.errors import InputError
from anatomy_tf.shipped import flagfile_path

_DIRECTIVE = re.compile(r"--?flagfile(?:=(.*))?")


def expand_flagfiles(arguments: Sequence[str]) -> list[str]:
    """The arguments with the flags of the file in place of every `--flagfile=NAME`; `--` ends them.

    Args:
      arguments: of a command line; a name is a path, or that of a flagfile that ships.

    Raises:
      InputError: as `read_flags`, or a flagfile is not named.
    """
    expanded = []
    rest = iter(arguments)
    for argument in rest:
        directive = _DIRECTIVE.fullmatch(argument)
        if directive:
            name = next(rest, "") if directive[1] is None else directive[1]
            if not name:
                raise InputError(f"{argument}: names no file")
            expanded += read_flags(pathlib.Path(name).expanduser())
        else:
            expanded.append(argument)
        if argument == "--":
            expanded += rest
    return expanded


def read_flags(name: pathlib.Path | str) -> list[str]:
    """The flags of a flagfile and of those that it includes, in their order.

    A line that begins with `#` or `//` is a comment, and `--flagfile=NAME` includes another file: a
    path from the file's own folder, else from the current folder, or one that ships.

    Args:
      name: a path, or the name of a flagfile that ships.

    Raises:
      InputError: a file is not there, is not text, includes itself, or includes one of no name.
    """
    return _read(flagfile_path(name), ())


def read_text(path: pathlib.Path) -> str:
    """The text of a flagfile, without a byte order mark.

    Raises:
      InputError: it cannot be read, or is not text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a flagfile, which is text in UTF-8") from error


def _read(path: pathlib.Path, including: tuple[pathlib.Path, ...]) -> list[str]:
    """`including`: the files that are being read, each included by the one before, `path` by the
    last.
    """
    resolved = path.resolve()
    if resolved in including:
        raise InputError(f"{including[-1]}: includes {path}, which includes it")
    flags = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        text = line.strip()
        if not text or text.startswith(("#", "//")):
            continue
        directive = _DIRECTIVE.fullmatch(text)
        if not directive:
            flags.append(text)
            continue
        if not directive[1]:
            raise InputError(f"{path}: line {number}: {text} names no file")
        try:
            included = _included(directive[1].strip(), path.parent)
        except InputError as error:
            raise InputError(f"{path}: line {number}: {error}") from error
        flags += _read(included, (*including, resolved))
    return flags


def _included(name: str, folder: pathlib.Path) -> pathlib.Path:
    try:
        path = pathlib.Path(name).expanduser()
        beside = folder / path
        return beside if beside.is_file() else flagfile_path(path)
    except (OSError, RuntimeError) as error:  # too long for a name, or of a user who is not there
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{name[:60]!r}: cannot be read ({reason})") from error
