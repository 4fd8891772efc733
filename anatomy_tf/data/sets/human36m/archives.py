"""The archives that Human3.6M hands out: `Poses_D3_Positions_S1.tgz`, and so
on for every subject.
"""

from __future__ import annotations

import gzip
import pathlib
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator

import numpy as np

from anatomy_tf.data.files.apart import arrays_of, read_apart
from anatomy_tf.data.files.pickled_arrays import ALWAYS_FINE, MAX_RATIO
from anatomy_tf.data.sets.human36m.takes import SUBJECTS, Take, numbers, standard_joints, take_name
from anatomy_tf.errors import InputError
from anatomy_tf.installation import check_installed

MAX_BYTES = 1 << 30
"""Of an archive, unpacked: ten times that of the longest subject."""
MAX_FILES = 1000


def takes_of_archives(folder: pathlib.Path | str) -> dict[str, Iterator[Take]]:
    """The takes of every subject whose archive is in `folder`, each read when its turn comes.

    Raises:
      InputError: there is no archive, or cdflib is missing; and, when its turn comes, an archive
        that is damaged, holds none of the subject's takes, a path that leads elsewhere, more than
        any subject has, or poses of another form; names archive and take.
    """
    check_installed("cdflib", "human36m", "Human3.6M's archives take cdflib")
    folder = pathlib.Path(folder)
    paths = {subject: folder / f"Poses_D3_Positions_{subject}.tgz" for subject in SUBJECTS}
    present = {subject: path for subject, path in paths.items() if path.is_file()}
    if not present:
        raise InputError(f"{folder}: there is no archive such as {paths['S1'].name}")
    return {subject: _takes(subject, path) for subject, path in present.items()}


def _takes(subject: str, path: pathlib.Path) -> Iterator[Take]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        names = _unpack(subject, path, folder)
        if not names:
            raise InputError(f"{path}: holds no {subject}/MyPoseFeatures/D3_Positions/*.cdf")
        read_apart(folder, path)
        for name, file in sorted(names.items()):
            yield Take(subject, name, _joints(file, f"{path}: {subject}/{name}"))


def _unpack(subject: str, path: pathlib.Path, folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """Unpacks the files of the takes to keep; gives them by the names that papers use."""
    try:
        with gzip.open(path) as packed:
            limited = _Limited(packed, path)
            with tarfile.open(fileobj=limited, mode="r|") as tar:
                files = _unpack_takes(tar, subject, path, folder)
            while limited.read(1 << 20):  # to the end, where the checksum is
                pass
    except InputError:
        raise
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise InputError(f"{path}: truncated, damaged, or not a .tgz archive") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be unpacked ({error.strerror or error})") from error
    return files


def _unpack_takes(
    tar: tarfile.TarFile, subject: str, path: pathlib.Path, folder: pathlib.Path
) -> dict[str, pathlib.Path]:
    """No name in the archive becomes the name of a file."""
    wanted = re.compile(rf"(?:\./)?{subject}/MyPoseFeatures/D3_Positions/([^/]+)\.cdf")
    files = {}
    for count, member in enumerate(tar):
        if count == MAX_FILES:
            raise InputError(f"{path}: holds more files than any subject has")
        if member.name.startswith("/") or ".." in member.name.split("/"):
            raise InputError(f"{path}: {member.name!a:.100} leads out of the archive")
        match = wanted.fullmatch(member.name)
        if not match or not member.isreg() or member.issparse():
            continue
        name = take_name(subject, match[1], path)
        if name:
            # What comes twice takes the place of the first, as where a tar is unpacked.
            unpacked = files.setdefault(name, folder / f"{len(files)}.cdf")
            with unpacked.open("wb") as file:
                shutil.copyfileobj(tar.extractfile(member), file)
    return files


class _Limited:
    """Gives what is packed in a file up to a limit: a few bytes may unpack to any amount."""

    def __init__(self, packed: gzip.GzipFile, path: pathlib.Path):
        self._packed, self._path = packed, path
        self._left = min(MAX_BYTES, max(ALWAYS_FINE, MAX_RATIO * path.stat().st_size))

    def read(self, size: int = -1) -> bytes:
        data = self._packed.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise InputError(f"{self._path}: holds more than the poses of any subject")
        return data


def _joints(file: pathlib.Path, where: str) -> np.ndarray:
    millimetres = arrays_of(file, where)["Pose"]
    if millimetres.ndim == 3 and len(millimetres) == 1:
        millimetres = millimetres[0]
    frames = numbers(millimetres, where, (None, 96)).reshape(-1, 32, 3)
    return standard_joints(frames / np.float32(1000), where)
