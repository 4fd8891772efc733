"""A peer in a process of its own: TensorFlow and PyTorch in one process can end in a segmentation
fault, as both bring the same libraries.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import pathlib
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

from anatomy_tf.errors import InputError
from anatomy_tf.speed.reference import Reference
from anatomy_tf.speed.videopose3d import VideoPose3D


class Peer:
    """What `open_checkout` gives, worked from here: its methods and their arguments are the same.

    A call costs some ten microseconds more than in the same process.

    Raises:
      InputError: as `open_checkout`; later as its methods, or because the process ended.
    """

    def __init__(self, checkout: pathlib.Path):
        self._checkout = checkout
        self._connection, theirs = multiprocessing.Pipe()
        code = f"from anatomy_tf.speed.peer import serve; serve({theirs.fileno()})"
        command = [sys.executable, "-c", code]
        # In a session of its own, Ctrl-C ends it by the closed pipe, without a traceback.
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], start_new_session=True
        )
        theirs.close()
        weakref.finalize(self, _end, self._connection, self._process)
        self.samples_frames, self.lifter_arguments = self._ask(checkout)

    def training_batches(self, *arguments) -> Callable[[], int]:
        """A function that draws one training batch and gives its number of examples."""
        return self._way("training_batches", arguments)

    def training_steps(self, *arguments) -> Callable[[], int]:
        """A function that draws a batch, trains on it and gives its number of examples."""
        return self._way("training_steps", arguments)

    def lifting(self, *arguments) -> Callable[[], int]:
        """A function that lifts a whole clip and gives its number of frames."""
        return self._way("lifting", arguments)

    def _way(self, method: str, arguments: tuple) -> Callable[[], int]:
        number = self._ask((method, arguments))
        return lambda: self._ask(number)

    def _ask(self, question: Any) -> Any:
        try:
            self._connection.send(question)
            answer = self._connection.recv()
        except (EOFError, OSError) as error:
            code = self._process.wait()
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise InputError(f"{self._checkout}: the peer's process ended with {how}") from error
        if isinstance(answer, InputError):
            raise answer
        return answer


def _end(connection: multiprocessing.connection.Connection, process: subprocess.Popen) -> None:
    connection.close()
    process.wait()


def open_checkout(checkout: pathlib.Path) -> Reference | VideoPose3D:
    """The peer in a checkout, told by a module that only VideoPose3D has; raises as the two classes
    do.
    """
    names = {path.stem for path in (checkout / "common").glob("*.py")}
    baseline = "bone" not in names and "quaternion" in names
    return (VideoPose3D if baseline else Reference)(checkout)


def serve(file_descriptor: int) -> None:
    """Answers a `Peer`: the checkout with its facts, a method with a number, a number with work."""
    ways: list[Callable[[], int]] = []
    with (
        multiprocessing.connection.Connection(file_descriptor) as connection,
        contextlib.suppress(EOFError, ConnectionError),  # the other side has closed
    ):
        try:
            peer = open_checkout(connection.recv())
            answer: Any = (peer.samples_frames, peer.lifter_arguments)
        except InputError as error:
            answer = error
        while True:
            connection.send(answer)
            question = connection.recv()
            if isinstance(question, int):
                answer = ways[question]()
                continue
            method, arguments = question
            try:
                ways.append(getattr(peer, method)(*arguments))
                answer = len(ways) - 1
            except InputError as error:
                answer = error
