"""Ctrl-C while a tool still loads, before `run_tool` can look after it: one line, and exit code
130.

Tools load it before all else.
"""

from __future__ import annotations

import os
import pathlib
import sys
from types import TracebackType


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    print(f"{pathlib.Path(sys.argv[0]).name}: interrupted", file=sys.stderr, flush=True)
    os._exit(130)  # nothing is open yet, and TensorFlow may be half-loaded


sys.excepthook = _end
