"""`camera.calibration` of MPI-INF-3DHP: a "Skeletool Camera Calibration File V1.0" with a block of
lines a camera.
"""

from __future__ import annotations

import pathlib

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera

_TITLE = "Skeletool Camera Calibration File"
_MAX_CHARACTERS = 1_000_000
_INTRINSIC_NUMBERS = 16  # a 4x4 matrix, row by row


def read_lenses(path: pathlib.Path) -> dict[int, Camera]:
    """The cameras of the file by their number, each at the origin of its own camera space.

    The annotations are in camera space, so that the extrinsics are not needed.

    Raises:
      InputError: the file is missing, of another format, or a camera lacks a field.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_MAX_CHARACTERS)
    except FileNotFoundError as error:
        raise InputError(f"{path}: file not found") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}") from error
    if not text.startswith(_TITLE):
        raise InputError(f"{path}: does not start with {_TITLE!r}")
    blocks: dict[str, dict[str, list[str]]] = {}
    fields: dict[str, list[str]] = {}
    for line in text.splitlines()[1:]:
        name, *values = line.split() or [""]
        if name == "name":
            fields = blocks.setdefault(" ".join(values), {})
        fields[name] = values
    try:
        return {int(name): _lens(fields) for name, fields in blocks.items()}
    except (KeyError, ValueError, OverflowError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise InputError(f"{path}: {reason}") from error


def _lens(fields: dict[str, list[str]]) -> Camera:
    where = f"camera {' '.join(fields['name'])}"
    intrinsic = [float(value) for value in fields["intrinsic"]]
    size = [int(value) for value in fields["size"]]
    if len(intrinsic) != _INTRINSIC_NUMBERS or len(size) != 2:
        raise InputError(f"{where}: expected 2 numbers for size and 16 for intrinsic")
    try:
        return Camera(
            resolution=tuple(size),
            focal_length=(intrinsic[0], intrinsic[5]),
            center=(intrinsic[2], intrinsic[6]),
        )
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
