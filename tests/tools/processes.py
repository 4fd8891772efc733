"""The tools as a person calls them: real processes, real files, exit codes."""

import atexit
import concurrent.futures
import functools
import importlib.metadata
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping

ROOT = pathlib.Path(__file__).parents[2]
_LOCK = threading.Lock()


def start(tool: str, *arguments: object) -> subprocess.Popen:
    command = [sys.executable, *_command(tool, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


def finish(process: subprocess.Popen) -> tuple[int, str, list[str]]:
    """Exit code, standard output, and the lines on standard error."""
    out, err = process.communicate(timeout=180)
    return process.returncode, out, _lines(err)


def run(tool: str, *arguments: object) -> tuple[int, str, list[str]]:
    """As `finish(start(...))`, in a process that has TensorFlow loaded already and works operation
    by operation: there is little to be computed. What compiled steps do, `test_workers.py` shows.
    """
    return run_in(ROOT, tool, arguments, eager=True)


def run_in(
    folder: pathlib.Path,
    tool: str,
    arguments: Iterable,
    whole: bool = True,
    eager: bool = False,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str, list[str]]:
    """As `run`, in that folder and with more in the environment; without `whole`, the tool's flags
    are parsed only.
    """
    with tempfile.TemporaryDirectory() as outputs, socket.socket(socket.AF_UNIX) as connection:
        out, err = (pathlib.Path(outputs) / name for name in ("out", "err"))
        connection.settimeout(300)
        connection.connect(_warm_start())
        request = {"command": _command(tool, arguments), "folder": str(folder), "whole": whole}
        request |= {"environment": environment or {}}
        request |= {"eager": eager, "out": str(out), "err": str(err)}
        connection.sendall(f"{json.dumps(request)}\n".encode())
        code = int(connection.makefile().readline())
        return code, out.read_text(), _lines(err.read_text())


def _lines(errors: str) -> list[str]:
    """Without those of TensorFlow 2.15 about XLA, which no setting hides."""
    native = ("WARNING: All log messages before absl::", "I0000 ")
    old = importlib.metadata.version("tensorflow").startswith("2.15.")
    return [line for line in errors.splitlines() if not (old and line.startswith(native))]


def in_parallel(function, arguments, threads: int | None = None) -> dict:
    """Results by argument; as many at a time as there are processors, or `threads`."""
    with concurrent.futures.ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        return dict(zip(arguments, pool.map(function, arguments), strict=True))


def _command(tool: str, arguments) -> list[str]:
    return [str(ROOT / "tools" / f"{tool}.py"), *map(str, arguments)]


def _warm_start() -> str:
    with _LOCK:
        return _socket()


@functools.cache
def _socket() -> str:
    """The socket of `warm_start`, which runs as long as the tests do."""
    path = pathlib.Path(tempfile.mkdtemp()) / "tools"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.tools.warm_start", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    atexit.register(server.kill)
    assert server.stdout.readline() == "ready\n"
    return str(path)
