"""Workers meet: they compare what they are about to do, wait for each other, tell each other what
the chief decided, and hear at once when one of them fails.

Every worker keeps one connection to the chief for as long as the training takes. It begins on the
chief's own port of `TF_CONFIG`, before TensorFlow opens that for itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import queue
import socket
import sys
import threading
import time
from typing import Any

from anatomy_tf.errors import InputError
from anatomy_tf.training.cluster import Cluster

GRACE_SECONDS = 20
"""How long a worker may take to end by itself, once another one has failed."""
_TO_HEAR_SECONDS = 5
"""How long workers that come late may still hear why there will be no training."""
_KEEP_ALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 4}
"""A machine that is gone without a word is noticed after half a minute."""


class Meeting:
    """The workers of a cluster, once all are there.

    Args:
      wait_seconds: how long to wait for the others.

    Raises:
      InputError: a port is taken, or not all came in time; on every worker that came.
    """

    def __init__(self, cluster: Cluster, wait_seconds: float):
        self.cluster = cluster
        self.failure: str | None = None
        self._failed = threading.Event()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._ended: dict[int, threading.Event] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._said: dict[int, queue.SimpleQueue] = {}
        deadline = time.monotonic() + wait_seconds
        try:
            if cluster.index == 0:
                self._gather(deadline, wait_seconds)
            else:
                self._join(deadline, wait_seconds)
        except BaseException as error:
            self.fail(error)
            self.close()
            raise

    def exchange(self, value: Any, last: bool = False) -> list:
        """Every worker's `value`, which JSON can hold, on every worker; waits for all.

        Args:
          last: the training is over, and nobody has to stay.

        Raises:
          InputError: another worker failed.
        """
        if self.cluster.index:
            self._send(0, {"value": value, "last": last})
            return self._hear(0)["values"]
        others = [self._hear(index)["value"] for index in sorted(self._sockets)]
        values = [value, *others]
        for index in self._sockets:
            self._send(index, {"values": values, "last": last})
        return values

    def fail(self, error: BaseException) -> None:
        """Tells the others why this worker ends; what they told it already is not told again."""
        name = self.cluster.name(self.cluster.index)
        reason = f"{name}: {error}"
        if isinstance(error, KeyboardInterrupt):
            reason = f"{name} was interrupted; restart all with --resume"
        self._fail(reason)

    def reason(self, error: BaseException) -> InputError:
        """What to say of an error of TensorFlow: that of the worker that caused it, if one did."""
        if not self._failed.wait(GRACE_SECONDS / 2):
            text = str(error).strip().splitlines()
            self._fail(
                f"{self.cluster.name(self.cluster.index)} lost the others; restart all with "
                f"--resume ({text[0] if text else type(error).__name__})"
            )
        return InputError(self.failure)

    def close(self) -> None:
        """Ends the connections of a worker that is through, well or not."""
        self._closed.set()
        for connection in self._sockets.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        # Who closes before all is read, takes back what the other has not read yet.
        deadline = time.monotonic() + _TO_HEAR_SECONDS
        for index, connection in self._sockets.items():
            self._ended[index].wait(max(deadline - time.monotonic(), 0))
            connection.close()

    def _gather(self, deadline: float, wait_seconds: float) -> None:
        missing = set(range(1, len(self.cluster.addresses)))
        trouble = None
        with contextlib.closing(_listening(self.cluster)) as listener:
            while missing and time.monotonic() < deadline:
                found = self.failure
                listener.settimeout(0.5)
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    found = self._welcome(connection, missing) or found
                if found and not trouble:  # the others are to hear of it too
                    trouble, deadline = found, min(deadline, time.monotonic() + _TO_HEAR_SECONDS)
        if missing and not trouble:
            names = ", ".join(self.cluster.name(index) for index in sorted(missing))
            trouble = f"{names} did not come within {wait_seconds:.0f} s"
        if trouble:
            raise InputError(trouble)

    def _welcome(self, connection: socket.socket, missing: set[int]) -> str | None:
        """Takes in a worker that comes; gives what is wrong with it."""
        connection.settimeout(5)
        lines = connection.makefile("r", encoding="utf-8")
        try:
            hello = json.loads(lines.readline())
            index, addresses, trouble = (hello[key] for key in ("index", "addresses", "trouble"))
        except (OSError, ValueError, LookupError, TypeError):  # it is none of ours
            lines.close()
            connection.close()
            return None
        twice = index not in missing
        self._listen(-1 - len(self._sockets) if twice else index, connection, lines)
        missing.discard(index)
        if addresses != list(self.cluster.addresses):
            return f"worker {index} has another cluster in its TF_CONFIG than the chief"
        return f"{self.cluster.name(index)} came twice" if twice else trouble

    def _join(self, deadline: float, wait_seconds: float) -> None:
        trouble = None
        try:
            _listening(self.cluster).close()
        except InputError as error:
            trouble = str(error)
        while True:
            try:
                connection = socket.create_connection(self.cluster.place(0), timeout=5)
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise InputError(
                        trouble
                        or f"the chief, {self.cluster.name(0)}, did not answer within "
                        f"{wait_seconds:.0f} s ({error.strerror or error})"
                    ) from error
                time.sleep(0.2)
        self._listen(0, connection, connection.makefile("r", encoding="utf-8"))
        hello = {"index": self.cluster.index, "addresses": list(self.cluster.addresses)}
        self._send(0, hello | {"trouble": trouble})
        if trouble:
            raise InputError(trouble)

    def _listen(self, index: int, connection: socket.socket, lines) -> None:
        connection.settimeout(None)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEP_ALIVE.items():
            if hasattr(socket, option):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        self._sockets[index] = connection
        self._said[index] = queue.SimpleQueue()
        self._ended[index] = threading.Event()
        threading.Thread(target=self._follow, args=(index, lines), daemon=True).start()
        if self.failure:  # it came too late to be told
            self._send(index, {"failed": self.failure})

    def _follow(self, index: int, lines) -> None:
        last = False
        with contextlib.suppress(OSError), lines:
            for line in lines:
                said = json.loads(line)
                if "failed" in said:
                    self._fail(said["failed"])
                else:
                    last = said["last"]
                    self._said[index].put(said)
        self._ended[index].set()
        if not last and not self._closed.is_set():
            self._fail(
                f"{self.cluster.name(index)} ended before the training did; "
                "restart all with --resume"
            )
        self._said[index].put(None)

    def _hear(self, index: int) -> dict:
        said = self._said[index].get()
        if said is None or self.failure:
            raise InputError(self.failure or f"{self.cluster.name(index)} left")
        return said

    def _send(self, index: int, message: dict) -> None:
        with contextlib.suppress(OSError):  # who follows the connection notices
            self._sockets[index].sendall(f"{json.dumps(message)}\n".encode())

    def _fail(self, reason: str) -> None:
        with self._lock:
            if self.failure:
                return
            self.failure = " ".join(reason.split())
            # Still locked: who fails as well closes its connections only when all are told.
            for index in list(self._sockets):
                self._send(index, {"failed": self.failure})
        self._failed.set()
        for said in self._said.values():
            said.put(None)
        threading.Thread(target=self._end, daemon=True).start()

    def _end(self) -> None:
        """Ends a process that waits inside TensorFlow for a worker that is gone."""
        if self._closed.wait(GRACE_SECONDS):
            return
        print(f"{pathlib.Path(sys.argv[0]).name}: {self.failure}", file=sys.stderr, flush=True)
        os._exit(1)


def _listening(cluster: Cluster) -> socket.socket:
    """A socket on this worker's port, which all addresses of the machine lead to.

    Raises:
      InputError: the port is taken.
    """
    _, port = cluster.place(cluster.index)
    try:
        if socket.has_dualstack_ipv6():
            return socket.create_server(
                ("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=128
            )
        return socket.create_server(("", port), backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{cluster.name(cluster.index)}: its port cannot be had ({reason})"
        ) from error
