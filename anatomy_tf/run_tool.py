"""What all tools share: flags in, one clear line on a mistake, and an honest exit code."""

from __future__ import annotations

import contextlib
import copy
import importlib
import logging
import math
import os
import pathlib
import re
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

from absl import flags

from anatomy_tf.errors import InputError, reason_of_system
from anatomy_tf.flagfiles import expand_flagfiles
from anatomy_tf.json_lines import JsonHandler, JsonLines
from anatomy_tf.shipped import checkout
from anatomy_tf.version import __version__

_GROUPS: dict[str, list[str]] = {}
_EVERY_TOOL = "log_format"
_ends_at_once = False

flags.DEFINE_enum(
    _EVERY_TOOL,
    "text",
    ["text", "json"],
    "What a tool says: lines to read, or a JSON object a line.",
)


class _Terminated(KeyboardInterrupt):
    """The system, or who runs the machine, asks to end: work is put away as after Ctrl-C."""


@contextlib.contextmanager
def flag_group(title: str) -> Iterator[None]:
    """Flags that are defined within stand together under the title in `--help`."""
    before = set(flags.FLAGS)
    yield
    _GROUPS[title] = [name for name in flags.FLAGS if name not in before]


def run_tool(
    tool: Callable[..., None], description: str | None, arguments: Sequence[str] = ()
) -> NoReturn:
    """Parses the flags, also those of flagfiles, runs `tool`, and exits: 0 only when all was done.

    A mistake in a flag exits with 2 and one in the input with 1, after one line on standard error;
    Ctrl-C exits with 130, and SIGTERM with 143. docs/reliability.md has them all.

    Args:
      description: what `--help` prints before the flags.
      arguments: names of what `tool` takes beside the flags, and gets as strings; the last one may
        end with `...`, and stands for any number, or none.
    """
    name = pathlib.Path(sys.argv[0]).name
    try:
        if {"--help", "-help", "-h"}.intersection(sys.argv[1:]):
            called = _called(description or "").strip()
            print(f"{called}\n\n{_help()}")
        elif "--version" in sys.argv[1:]:
            print(f"anatomy-tf {__version__}")
        else:
            given = _parsed(name, arguments)
            _log_to_standard_output()
            signal.signal(signal.SIGTERM, _terminate)
            importlib.import_module("anatomy_tf.quiet_tensorflow")
            tool(*given)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except InputError as error:
        _fail(name, error, 1)
    except _Terminated:
        _fail(name, "terminated", 143)
    except KeyboardInterrupt:
        _fail(name, "interrupted", 130)
    except Exception as error:
        reason = _reason_of_system(error)
        if reason is None:
            raise
        _fail(name, reason, 1)
    _exit(0)


def end_at_once() -> None:
    """From now on, the end of the tool is the end of the process: TensorFlow, when it ends, waits
    for the processes that it was connected with.
    """
    global _ends_at_once
    _ends_at_once = True


def _exit(code: int) -> NoReturn:
    if _ends_at_once:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _terminate(*_: object) -> NoReturn:
    raise _Terminated


def _reason_of_system(error: Exception) -> str | None:
    """What ended the work from without: no memory, a device, a disk; None for a mistake of ours."""
    if isinstance(error, MemoryError):
        return f"out of memory ({error})"
    reason = reason_of_system(error)
    if reason is None:
        return None
    where = (error.filename or "the system") if isinstance(error, OSError) else "TensorFlow"
    return f"{where}: {reason}"


def _help() -> str:
    """The tool's flags with what they mean, in groups where it has some."""
    every_tool = _flag_help(flags.FLAGS[_EVERY_TOOL])
    if not _GROUPS:
        return "\n".join(["Flags:", flags.FLAGS.main_module_help().rstrip(), "", *every_tool])
    lines = []
    for title, names in _GROUPS.items():
        lines.append(f"{title}:")
        for name in names:
            lines += _flag_help(flags.FLAGS[name])
        lines.append("")
    return "\n".join([*lines, "Of every command:", *every_tool])


def _flag_help(flag: flags.Flag) -> list[str]:
    value, text = flag.default_as_str, flag.help
    shown = f"--[no]{flag.name}" if flag.boolean else f"--{flag.name}"
    if isinstance(flag, flags.EnumFlag):
        values = f"<{'|'.join(flag.parser.enum_values)}>"
        shown, text = f"{shown}={values}", text.removeprefix(f"{values}: ")
    default = (value or "").strip("'")
    text += f" Default: {default}." if default else ""
    about = textwrap.wrap(text, 90, initial_indent="      ", subsequent_indent="      ")
    return [f"  {shown}", *about]


def _parsed(name: str, arguments: Sequence[str]) -> list[str]:
    """What is given beside the flags, once they are all parsed and good."""
    flags.FLAGS.set_gnu_getopt()  # flags may come after arguments
    try:
        given = flags.FLAGS([sys.argv[0], *expand_flagfiles(sys.argv[1:])])[1:]
    except (flags.Error, InputError) as error:
        _fail(name, error, 2)
    several = bool(arguments) and arguments[-1].endswith("...")
    if len(given) < len(arguments) - several:
        _fail(name, f"{arguments[len(given)]} is missing", 2)
    if len(given) > len(arguments) and not several:
        takes = " and ".join([*arguments, "flags"])
        _fail(name, f"unexpected argument {given[len(arguments)]!r}; it takes {takes}", 2)
    for flag in _own_flags():
        if isinstance(flag.value, float) and not math.isfinite(flag.value):
            _fail(name, f"flag --{flag.name}={flag.value} is not a finite number", 2)
    return given


def given_flags(*left_out: str) -> str:
    """The tool's own flags with their values, but for those left out, as a flagfile."""
    given = [f for f in _own_flags() if f.value is not None and f.name not in left_out]
    return "".join(f"{flag.serialize()}\n" for flag in given)


def default_flags() -> str:
    """All of the tool's own flags that have a default, with it, as a flagfile."""
    defaults = [copy.deepcopy(flag) for flag in _own_flags() if flag.default is not None]
    for flag in defaults:
        flag.unparse()
    return "".join(f"{flag.serialize()}\n" for flag in defaults)


def whole_numbers(flag: str, values: Sequence[str]) -> list[int]:
    """What a list flag says.

    Raises:
      InputError: one of the values is no whole number.
    """
    try:
        return [int(value) for value in values]
    except ValueError as error:
        raise InputError(f"--{flag}={','.join(values)}: not whole numbers") from error


def image_size(flag: str, value: str | None) -> tuple[int, int] | None:
    """Width and height that a flag gives as WxH.

    Raises:
      InputError: it gives something else.
    """
    if value is None:
        return None
    try:
        width, height = map(int, value.lower().split("x"))
    except ValueError as error:
        raise InputError(f"--{flag}={value}: not WxH, like 1920x1080") from error
    return width, height


def _log_to_standard_output() -> None:
    """What the package has to say while it works are plain lines of the tool's output, or objects
    as all the rest of it.
    """
    handler: logging.Handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    if flags.FLAGS.log_format == "json":
        lines = JsonLines(sys.stdout)
        sys.stdout, sys.stderr = lines, JsonLines(sys.stderr, "error")
        handler = JsonHandler(lines)
    logger = logging.getLogger("anatomy_tf")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False  # absl's handler would print every line again


def _called(description: str) -> str:
    """`description` with the tools called as they can be: without a checkout, by `anatomy-tf`."""
    if checkout():
        return description
    return re.sub(r"python tools/(\w+)\.py", r"anatomy-tf \1", description)


def _own_flags() -> list[flags.Flag]:
    return flags.FLAGS.get_key_flags_for_module(sys.argv[0])


def _fail(name: str, reason: object, code: int) -> NoReturn:
    print(f"{name}: {' '.join(str(reason).split())}", file=sys.stderr)
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    _exit(code)
