"""What native code writes to standard error, past Python."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def silent_standard_error() -> Iterator[None]:
    """Drops what native code writes; exceptions of Python still come through."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with pathlib.Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
