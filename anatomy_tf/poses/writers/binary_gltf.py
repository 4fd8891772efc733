"""The container of glTF 2.0's binary files (`.glb`): JSON, and the arrays that it refers to."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
_COMPONENTS = {"<f4": 5126, "<u2": 5123}
_TYPES = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}
_MAGIC, _VERSION, _JSON, _BINARY = 0x46546C67, 2, 0x4E4F534A, 0x004E4942


class Arrays:
    """The arrays of a file, one after the other, and the entries of the JSON that describe them."""

    def __init__(self) -> None:
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self._parts: list[bytes] = []
        self._length = 0

    def add(
        self,
        values: npt.ArrayLike,
        kind: str = "<f4",
        limits: bool = False,
        target: int | None = None,
    ) -> int:
        """Adds `(N,)` or `(N, columns)` values.

        Args:
          kind: `<f4` or `<u2`, as which they are kept.
          limits: say the least and the largest value of each column.
          target: what the buffer is for, of meshes.

        Returns:
          The number of their accessor.
        """
        array = np.ascontiguousarray(values, np.dtype(kind))
        content = array.tobytes()
        view: dict[str, Any] = {"buffer": 0, "byteOffset": self._length, "byteLength": len(content)}
        columns = array.reshape(len(array), -1)
        accessor: dict[str, Any] = {
            "bufferView": len(self.views),
            "componentType": _COMPONENTS[kind],
            "count": len(array),
            "type": _TYPES[columns.shape[1]],
        }
        if target is not None:
            view["target"] = target
        if limits:
            accessor |= {"min": columns.min(axis=0).tolist(), "max": columns.max(axis=0).tolist()}
        self.views.append(view)
        self.accessors.append(accessor)
        self._parts.append(_padded(content, b"\0"))
        self._length += len(self._parts[-1])
        return len(self.accessors) - 1

    def file(self, content: dict[str, Any]) -> bytes:
        """The whole file: `content`, to which the arrays' entries are added, and the arrays."""
        content = {
            "asset": {"version": "2.0", "generator": "anatomy-tf"},
            **content,
            "buffers": [{"byteLength": self._length}],
            "bufferViews": self.views,
            "accessors": self.accessors,
        }
        # A name outside of ASCII is escaped; numbers are finite, as JSON has no others.
        text = json.dumps(content, separators=(",", ":"), allow_nan=False).encode("ascii")
        chunks = b"".join(
            struct.pack("<II", len(chunk), kind) + chunk
            for chunk, kind in ((_padded(text, b" "), _JSON), (b"".join(self._parts), _BINARY))
        )
        return struct.pack("<III", _MAGIC, _VERSION, 12 + len(chunks)) + chunks


def _padded(content: bytes, filler: bytes) -> bytes:
    """To whole words of four bytes, where chunks and arrays have to begin."""
    return content + filler * (-len(content) % 4)
