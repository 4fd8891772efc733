"""Finds the joints of a rig by name, however its tool spells them."""

from __future__ import annotations

import collections
import os
import re
from collections.abc import Iterable, Sequence


class RigNames:
    """The joints of a rig: as they are called, or without case, spaces and signs, namespace, and
    what stands before most names.

    Helper joints often lack what stands before the others, so it need not stand before all.

    Args:
      names: of the joints.
    """

    def __init__(self, names: Sequence[str]):
        self._exact = {name: index for index, name in enumerate(names)}
        plain = list(map(_plain, names))
        start = _most_begin_with(plain)
        stripped = [name.removeprefix(start) or name for name in plain]
        self._loose = (_indices(plain), _indices(stripped))

    def indices(self, name: str) -> list[int]:
        """All joints that `name` may mean, in the order of the file; a joint that is spelled
        exactly so is the only one.
        """
        if name in self._exact:
            return [self._exact[name]]
        return next((found[_plain(name)] for found in self._loose if _plain(name) in found), [])

    def index(self, name: str) -> int | None:
        """The first joint that `name` may mean."""
        return next(iter(self.indices(name)), None)

    def has_all(self, names: Iterable[str]) -> bool:
        """Whether the rig has every one of them."""
        return all(map(self.indices, names))


def _plain(name: str) -> str:
    """`ns:Left_Up Leg` -> `leftupleg`."""
    bare = re.split(r"[:|]", name)[-1]
    return re.sub(r"[\W_]", "", bare).lower() or bare


def _indices(names: list[str]) -> dict[str, list[int]]:
    found = collections.defaultdict(list)
    for index, name in enumerate(names):
        found[name].append(index)
    return dict(found)


def _most_begin_with(names: list[str]) -> str:
    """The longest beginning that more than half of the names share."""
    if len(names) < 2:
        return ""
    # In order, those with one beginning are together: more than half of them reach over the middle.
    ordered, half = sorted(names), len(names) // 2 + 1
    spans = zip(ordered, ordered[half - 1 :], strict=False)
    return max((os.path.commonprefix(span) for span in spans), key=len)  # noqa: RUF071 (of letters)
