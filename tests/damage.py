"""Damaged and hostile files, which every reader has to read or refuse."""

import contextlib
import functools
import os
import pathlib
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from anatomy_tf.errors import InputError

fuzz = functools.partial(
    settings, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
"""Settings of a test whose examples share their fixtures."""

SYSTEM = f"{os.system.__module__}.system"
"""What a pickle calls `os.system`."""


class Gadget:
    """Its pickle is the call, and the state after it, that `reduced` describes as `__reduce__`
    does.
    """

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


def changed(data: st.DataObject, original: bytes, within: int | None = None) -> bytes:
    """A few bytes changed, of the first `within` if given; and the end cut off, or not."""
    result = bytearray(original)
    places = st.integers(0, len(result[:within]) - 1)
    for _ in range(data.draw(st.integers(1, 4))):
        result[data.draw(places)] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del result[data.draw(st.integers(0, len(result) - 1)) :]
    return bytes(result)


@contextlib.contextmanager
def reads_or_refuses() -> Iterator[None]:
    """What is inside may raise nothing but an InputError of one line."""
    try:
        yield
    except InputError as error:
        assert "\n" not in str(error)


@contextlib.contextmanager
def damaged(data: st.DataObject, path: pathlib.Path) -> Iterator[None]:
    """What is inside reads or refuses the file with `changed` bytes; it is whole
    again afterwards.
    """
    original = path.read_bytes()
    path.write_bytes(changed(data, original))
    try:
        with reads_or_refuses():
            yield
    finally:
        path.write_bytes(original)


def assert_refused(read: Callable, path: pathlib.Path, message: str, seconds: float = 10) -> None:
    """In one line that names the file, and without a hang."""
    start = time.process_time()
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert time.process_time() - start < seconds
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
