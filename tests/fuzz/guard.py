"""Watches what a reader does: what it runs, where it writes, and how much memory it takes."""

import contextlib
import os
import pathlib
import resource
import sys
from collections.abc import Iterator

_RUNS = ("os.system", "os.exec", "os.posix_spawn", "os.startfile", "pty.spawn", "socket.connect")
_CHANGES = {
    **{"os.remove": 0, "os.rename": 1, "os.rmdir": 0, "os.mkdir": 0, "os.link": 1},
    **{"os.symlink": 1, "os.truncate": 0, "os.chmod": 0, "shutil.rmtree": 0},
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_READING_APART = "read_apart.py"


class Guard:
    """Notes what Python's audit events tell while a reader is watched; one for a process.

    Args:
      scratch: the only folder in which files may be written.
    """

    def __init__(self, scratch: pathlib.Path):
        self._scratch = os.path.realpath(scratch)
        self._watching = False
        self._seen: list[str] = []
        sys.addaudithook(self._on_event)

    @contextlib.contextmanager
    def watching(self) -> Iterator[list[str]]:
        """Gives what is seen within that a reader may not do."""
        self._seen = []
        self._watching = True
        try:
            yield self._seen
        finally:
            self._watching = False

    def _on_event(self, event: str, arguments: tuple) -> None:
        if not self._watching:
            return
        if event in _RUNS or (event == "subprocess.Popen" and not _reads_apart(arguments)):
            self._note(event, arguments)
        elif event == "open":
            path, mode, flags = arguments
            writes = bool(flags & _WRITING) or any(c in (mode or "") for c in "wax+")
            if writes and not isinstance(path, int) and not self._allowed(path):
                self._note("write", (path,))
        elif event in _CHANGES and not self._allowed(arguments[_CHANGES[event]]):
            self._note(event, arguments)
        elif event == "import" and arguments[0] in ("antigravity", "this", "tests.fuzz.canary"):
            self._note(event, arguments[:1])

    def _note(self, event: str, arguments: tuple) -> None:
        self._watching = False
        self._seen.append(f"{event} {arguments!r:.200}")
        self._watching = True

    def _allowed(self, path: object) -> bool:
        if isinstance(path, int):
            return True
        whole = os.path.realpath(os.fsdecode(path))
        return whole.startswith(self._scratch + os.sep) or whole == os.devnull


def _reads_apart(arguments: tuple) -> bool:
    return any(str(word).endswith(_READING_APART) for word in arguments[1])


def peak_memory() -> int:
    """Bytes of the process at most since `forget_peak`."""
    return _status("VmHWM")


def forget_peak() -> int:
    """Starts `peak_memory` anew; gives what the process has now."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:  # noqa: PTH123
        file.write("5")
    return _status("VmRSS")


def limit_memory(more: int) -> None:
    """The process may map so many bytes more than it has now."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + more, hard))


def _status(field: str) -> int:
    with open("/proc/self/status", "rb") as file:  # noqa: PTH123
        for line in file:
            if line.startswith(field.encode()):
                return int(line.split()[1]) << 10
    return 0
