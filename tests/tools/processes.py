"""The tools as a person calls them: real processes, real files, exit codes."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def start(tool: str, *arguments: object) -> subprocess.Popen:
    command = [sys.executable, str(ROOT / "tools" / f"{tool}.py"), *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


def finish(process: subprocess.Popen) -> tuple[int, str, list[str]]:
    """Exit code, standard output, and the lines on standard error."""
    out, err = process.communicate(timeout=180)
    return process.returncode, out, err.splitlines()


def run(tool: str, *arguments: object):
    return finish(start(tool, *arguments))


def in_parallel(function, arguments) -> dict:
    """Results by argument; most of the time of a tool goes into loading TensorFlow, on one core."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(arguments, pool.map(function, arguments), strict=True))
