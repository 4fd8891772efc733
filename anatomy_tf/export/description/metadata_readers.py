"""Where the metadata lie in the forms that a model can have, and their text; a hostile file costs
no more than it weighs.
"""

from __future__ import annotations

import pathlib
import zipfile
from collections.abc import Callable, Mapping

from google.protobuf.message import DecodeError

from anatomy_tf.errors import InputError
from anatomy_tf.export.description.metadata import METADATA_NAME
from anatomy_tf.installation import install_hint

MAX_BYTES = 1 << 20
"""The card is a page or two, and the rest less."""


def newest_export(folder: pathlib.Path) -> pathlib.Path:
    """The SavedModel that a folder is, or the newest of its versions, or of those in its only
    folder with versions.

    Raises:
      InputError: there is none, or there are several folders with versions.
    """
    if (folder / "saved_model.pb").is_file():
        return folder
    versions = _versions(folder)
    served = [versions] if versions else list(filter(None, map(_versions, _folders(folder))))
    if len(served) > 1:
        names = ", ".join(sorted(versions[0].parent.name for versions in served))
        raise InputError(f"{folder}: has several models, take one of them: {names}")
    if not served:
        raise InputError(f"{folder}: no SavedModel, nor a folder with model.keras or versions")
    return max(served[0], key=lambda version: int(version.name))


def _versions(folder: pathlib.Path) -> list[pathlib.Path]:
    return [
        path
        for path in _folders(folder)
        if path.name.isdecimal() and (path / "saved_model.pb").is_file()
    ]


def _folders(folder: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in folder.iterdir() if path.is_dir()]


def _of_json(path: pathlib.Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _of_tflite(path: pathlib.Path) -> bytes:
    """Out of the zip archive at the end, decompressed no further than metadata may be long."""
    try:
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo(METADATA_NAME)
            if entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                with archive.open(entry) as file:
                    return file.read(MAX_BYTES + 1)
    except OSError:
        raise
    except Exception as error:  # zipfile raises many kinds for an archive that it cannot read
        reason = "no export of this project, or truncated or damaged"
        raise InputError(f"{path}: no metadata at its end: {reason}") from error
    raise InputError(f"{path}: its metadata are compressed in a way that is not read here")


def _of_onnx(path: pathlib.Path) -> str | bytes:
    try:
        import onnx
    except ImportError as error:
        raise InputError(f"{path}: an ONNX file needs onnx: {install_hint('onnx')}") from error
    try:
        file = onnx.load_model(path, load_external_data=False)
    except DecodeError as error:
        raise InputError(f"{path}: truncated, damaged, or not an ONNX file") from error
    properties = {entry.key: entry.value for entry in file.metadata_props}
    if "json" not in properties:
        raise InputError(f"{path}: no metadata: no export of this project")
    return properties["json"]


READERS: Mapping[str, Callable[[pathlib.Path], str | bytes]] = {
    ".json": _of_json,
    ".tflite": _of_tflite,
    ".onnx": _of_onnx,
}
"""By the ending of a file. They give little more than `MAX_BYTES` where there is more, but for what
ONNX reads whole.
"""
