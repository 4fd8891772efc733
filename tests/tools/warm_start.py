"""Starts tools in processes of their own that have TensorFlow loaded already: a copy of this one
each, as loading takes most of the time of a tool.

    python -m tests.tools.warm_start SOCKET

Every connection sends a line of JSON, `command` with the tool's file first, `folder`, `whole`,
`eager`, what is added to the `environment`, and the files `out` and `err` for its output, and gets
the exit code. What is not `whole` only has its flags parsed; what is `eager` works operation by
operation.
"""

import json
import os
import runpy
import signal
import socketserver
import sys
import traceback
import warnings

import tensorflow as tf
from absl import flags

import anatomy_tf.command_line
import anatomy_tf.evaluation.of_data
import anatomy_tf.export.written_outputs
import anatomy_tf.poses.pose_lifter
import anatomy_tf.training.experiment  # noqa: F401
from anatomy_tf.flagfiles import expand_flagfiles
from tests.garbage import collect_rarely


class Starter(socketserver.StreamRequestHandler):
    def handle(self):
        request = json.loads(self.rfile.readline())
        child = os.fork()
        if not child:
            run(**request)
        _, status = os.waitpid(child, 0)
        self.wfile.write(f"{os.waitstatus_to_exitcode(status)}\n".encode())


class Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    max_children = 8


def run(
    command: list[str],
    folder: str,
    whole: bool,
    eager: bool,
    environment: dict[str, str],
    out: str,
    err: str,
):
    """Runs the tool as the interpreter would, or parses its flags, and ends the process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.update(environment)
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = command
    if eager:
        tf.config.run_functions_eagerly(True)
        warnings.filterwarnings("ignore", "Even though the `tf.config.experimental_run_functions")
    code = 0
    try:
        sys.path[0] = os.path.dirname(command[0])  # noqa: PTH120
        runpy.run_path(command[0], run_name="__main__" if whole else "flags")
        if not whole:
            flags.FLAGS.set_gnu_getopt()
            flags.FLAGS([command[0], *expand_flagfiles(command[1:])])
    except SystemExit as stop:
        code = stop.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    collect_rarely()
    with Server(sys.argv[1], Starter) as server:
        print("ready", flush=True)
        server.serve_forever()
