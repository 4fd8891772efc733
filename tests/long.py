"""Cases that are left to the long tests: `python -m pytest -m long`."""

from collections.abc import Collection, Iterable

import pytest


def long(*values):
    """A case that shows in its way what the others of the test show too."""
    return pytest.param(*values, marks=pytest.mark.long)


def long_but(short: Collection, cases: Iterable) -> list:
    """Cases of one value; the test takes those that are `short` in any case."""
    return [case if case in short else long(case) for case in cases]
