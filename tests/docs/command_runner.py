"""Runs tools one after the other in this one process, as loading TensorFlow takes longer than most
of them; a program of its own, since every tool defines its flags anew.

Reads a JSON list of objects with `folder`, `tool`, `flags` and `run` from standard input; without
`run`, the flags are parsed only. Prints a JSON list of `code`, `output` and `seconds`.
"""

import contextlib
import io
import json
import os
import pathlib
import runpy
import sys
import time
import traceback

from absl import flags

import anatomy_tf.command_line  # noqa: F401  loads TensorFlow without its greeting
from anatomy_tf.flagfiles import expand_flagfiles

TOOLS = pathlib.Path(__file__).parents[2] / "tools"


def run(folder: str, tool: str, flags_given: list[str], whole: bool) -> tuple[int, str]:
    """Exit code, and all that was printed."""
    path = TOOLS / f"{tool}.py"
    if not path.is_file():
        return 2, f"no tool {tool}"
    os.chdir(folder)
    sys.argv = [str(path), *flags_given]
    before = set(flags.FLAGS)
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            runpy.run_path(str(path), run_name="__main__" if whole else "flags")
            if not whole:
                flags.FLAGS.set_gnu_getopt()
                flags.FLAGS([sys.argv[0], *expand_flagfiles(sys.argv[1:])])
        code = 0
    except SystemExit as stop:
        code = stop.code or 0
    except Exception:
        code = 1
        output.write(traceback.format_exc())
    flags.FLAGS.unparse_flags()
    for name in set(flags.FLAGS) - before:
        delattr(flags.FLAGS, name)
    return code, output.getvalue()


if __name__ == "__main__":
    results = []
    for one in json.load(sys.stdin):
        start = time.process_time()
        code, output = run(one["folder"], one["tool"], one["flags"], one["run"])
        seconds = time.process_time() - start
        results.append({"code": code, "output": output, "seconds": round(seconds, 1)})
    print(json.dumps(results))
