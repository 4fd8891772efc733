"""A `.keras` file is data: what is in it is checked before Keras sees it.

Keras makes objects of whatever classes and functions a file names, and imports the modules that it
says they are in. Here nothing but one lifter and the numbers of its weights may be in a file.
"""

from __future__ import annotations

import io
import json
import math
import pathlib
import zipfile

import numpy as np

from anatomy_tf.errors import InputError

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {_CONFIG, _WEIGHTS, "metadata.json"}
_LIFTER = {
    "module": "anatomy_tf.models.lifter",
    "class_name": "AnatomyLifter",
    "registered_name": "anatomy_tf>AnatomyLifter",
}
_FIELDS = {*_LIFTER, "config", "build_config", "compile_config"}
_MAKES_OBJECTS = {"class_name", "registered_name", "module", "__lambda__"}
_MOST_CONFIG = 1 << 20
_MOST_RATIO, _ALWAYS_FINE = 20, 16 << 20
"""Of weights that somebody packed; Keras does not."""
_MOST_JOINTS, _MOST_FRAMES = 500, 10_000
_DAMAGED = "damaged, or not a model of this project"


def check_keras_file(path: pathlib.Path) -> None:
    """Refuses what is not a lifter's own file, without making an object or importing a module.

    Raises:
      InputError: it is no `.keras` file, holds other files, another class, a module or function by
        name, a model larger than its weights, or weights that are not finite, not all there, or in
        another file; names the file.
    """
    # By its ending Keras decides what it takes a file for.
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise InputError(f"{path}: truncated, or not a .keras file")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if set(entries) != _MEMBERS or len(archive.infolist()) != len(_MEMBERS):
                raise InputError(f"{_DAMAGED}: it does not hold what Keras writes for one")
            config = _config(_member(archive, entries[_CONFIG], _MOST_CONFIG))
            weights = _member(archive, entries[_WEIGHTS], None)
        _check_config(config, len(weights))
        _check_weights(weights)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except Exception as error:  # zipfile and h5py raise many kinds for what they cannot read
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: not a model of this project ({reason:.200})") from error


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int | None) -> bytes:
    """A member that is no larger than it may be, whatever it unpacks to."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{entry.filename} is packed in an unusual way")
    if most is None:
        most = max(_ALWAYS_FINE, _MOST_RATIO * entry.compress_size)
    if entry.file_size > most:
        raise InputError(f"{entry.filename} claims {entry.file_size:,} bytes; damaged")
    return archive.read(entry)


def _config(data: bytes) -> dict:
    try:
        config = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{_DAMAGED}: its {_CONFIG} is not JSON") from error
    if not isinstance(config, dict) or any(config.get(k) != v for k, v in _LIFTER.items()):
        raise InputError("a Keras model, but not one of this project")
    if not set(config) <= _FIELDS or not isinstance(config.get("config"), dict):
        raise InputError(f"{_DAMAGED}: its {_CONFIG} has other fields")
    return config


def _check_config(config: dict, size: int) -> None:
    """Whether it is plain data, and of a model that `size` bytes of weights can be."""
    inner = config["config"]
    _check_plain([inner, config.get("build_config"), config.get("compile_config")])
    skeleton, widths = inner.get("skeleton"), inner.get("filter_widths")
    channels = inner.get("channels")
    names = skeleton.get("joint_names") if isinstance(skeleton, dict) else None
    if not isinstance(names, list) or len(names) > _MOST_JOINTS:
        raise InputError(f"{_DAMAGED}: skeleton: more than {_MOST_JOINTS} joints, or none")
    if not _whole(channels) or not isinstance(widths, list) or not all(map(_whole, widths)):
        raise InputError(f"{_DAMAGED}: channels and filter_widths are not whole numbers")
    if not 0 < math.prod(widths) <= _MOST_FRAMES or not widths:
        raise InputError(f"{_DAMAGED}: filter_widths of more than {_MOST_FRAMES} frames, or none")
    # Every convolution but the first one has so many weights, and there are others.
    if channels < 1 or 4 * channels * channels * sum(widths[1:]) > size:
        raise InputError(f"{_DAMAGED}: {size:,} bytes of weights are not of {channels} channels")


def _whole(value: object) -> bool:
    return type(value) is int and abs(value) < 2**31


def _check_plain(value: object) -> None:
    """Nothing in it is what Keras would make an object of."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if not _MAKES_OBJECTS.isdisjoint(item):
                raise InputError("names classes or functions to be made, which is never done")
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _check_weights(data: bytes) -> None:
    """All its arrays are finite numbers that are stored in it."""
    import h5py

    def check(group: h5py.Group) -> None:
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise InputError("its weights have a link to something else")
            item = group[name]
            if isinstance(item, h5py.Group):
                check(item)
                continue
            if item.dtype.kind not in "fiub" or item.external or item.is_virtual:
                raise InputError("its weights are no numbers, or lie in another file")
            if item.nbytes > len(data):
                raise InputError(f"its weights claim shape {item.shape}; damaged")
            if item.dtype.kind == "f" and not np.isfinite(item[()]).all():
                raise InputError("its weights are not finite")

    with h5py.File(io.BytesIO(data), "r") as file:
        check(file)
