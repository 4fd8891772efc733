"""`anatomy-tf COMMAND`: the tools by name, also where there is no checkout."""

from __future__ import annotations

import ast
import pathlib
import re
import runpy
import shutil
import sys
import textwrap

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
from anatomy_tf.shipped import tool_paths
from anatomy_tf.version import __version__


def main() -> None:
    """Runs the tool that the first argument names, with the others, as `python tools/NAME.py`.

    It is run as a file, so that the flags that it defines are those of the main program.
    """
    command, *arguments = sys.argv[1:] or ["--help"]
    if command in ("--help", "-help", "-h"):
        print(overview())
    elif command == "--version":
        print(f"anatomy-tf {__version__}")
    else:
        tool = tool_paths().get(command.replace("-", "_"))
        if tool is None:
            names = ", ".join(tool_paths())
            print(f"anatomy-tf: no command {command!r}; there are {names}", file=sys.stderr)
            sys.exit(2)
        sys.argv = [str(tool), *arguments]
        runpy.run_path(str(tool), run_name="__main__")


def overview() -> str:
    """How to call it, and a line about every tool, as long as the terminal is wide."""
    tools = {name: _summary(path) for name, path in tool_paths().items()}
    indent = max(map(len, tools)) + 4
    width = max(shutil.get_terminal_size().columns - indent, 40)
    lines = [
        f"  {name:{indent - 2}}{textwrap.shorten(summary, width, placeholder=' ...')}"
        for name, summary in tools.items()
    ]
    return "\n".join(
        [
            "3D human pose from 2D keypoints in video.",
            "",
            "Usage: anatomy-tf COMMAND [FLAGS]; anatomy-tf COMMAND --help has the flags.",
            "",
            "Commands:",
            *lines,
        ]
    )


def _summary(tool: pathlib.Path) -> str:
    """The first sentence of what the tool says of itself, without running it."""
    description = ast.get_docstring(ast.parse(tool.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=\.)\s", " ".join(description.split()), maxsplit=1)[0]
