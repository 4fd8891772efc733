"""Finds motion files in a folder, and reads each by its ending."""

from __future__ import annotations

import functools
import pathlib
import re

from anatomy_tf.data.motion.acclaim import AcclaimSkeleton, read_asf
from anatomy_tf.data.motion.acclaim_motion import read_amc
from anatomy_tf.data.motion.bvh import read_bvh
from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.errors import InputError

_ENDINGS = (".bvh", ".amc")
_ACTION = re.compile(r"[^\W\d_]+")
_NO_ACTION = "motion"


def find_motion_files(path: pathlib.Path | str) -> list[pathlib.Path]:
    """`path` itself, or the `.bvh` and `.amc` files in it and below, in the order of their names.

    Raises:
      InputError: there are none.
    """
    path = pathlib.Path(path)
    if path.is_file():
        if path.suffix.lower() not in _ENDINGS:
            raise InputError(f"{path}: expected a .bvh or .amc file, or a folder of them")
        return [path]
    if not path.is_dir():
        raise InputError(f"{path}: no such file or folder")
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in _ENDINGS)
    if not files:
        raise InputError(f"{path}: there are no .bvh or .amc files")
    return files


def action_of(path: pathlib.Path, folder: pathlib.Path | str) -> str:
    """What errors are averaged by: the sub-folder's name, or else the letters that the file's name
    begins with.

    A sub-folder without letters, as CMU numbers its subjects, counts as none.
    """
    inside = path.parent != pathlib.Path(folder) and path != pathlib.Path(folder)
    for name in (path.parent.name if inside else "", path.stem):
        match = _ACTION.match(name)
        if match:
            return match[0].lower()
    return _NO_ACTION


def read_motion(
    path: pathlib.Path,
    metres_per_unit: float | None = None,
    bvh_fps: float | None = None,
    amc_fps: float | None = None,
    skeleton: pathlib.Path | str | None = None,
) -> Motion:
    """Reads a `.bvh` file, or an `.amc` file of a skeleton.

    Args:
      metres_per_unit: instead of what the file says.
      bvh_fps, amc_fps: frames per second of files of that kind, instead of what they say.
      skeleton: the `.asf` file of `.amc` files, or None: the one beside the file with the longest
        name that the file's name begins with, or else the only one.

    Raises:
      InputError: as `read_bvh`, `read_asf` and `read_amc` do, or no skeleton is to be found.
    """
    if path.suffix.lower() == ".bvh":
        return read_bvh(path, bvh_fps, metres_per_unit)
    file = pathlib.Path(skeleton) if skeleton else _skeleton_file(path)
    return read_amc(path, _skeleton(file), amc_fps, metres_per_unit)


def _skeleton_file(path: pathlib.Path) -> pathlib.Path:
    there = sorted(file for file in path.parent.iterdir() if file.suffix.lower() == ".asf")
    fitting = [file for file in there if _begins(path.stem.lower(), file.stem.lower())]
    if fitting:
        return max(fitting, key=lambda file: len(file.stem))
    if len(there) == 1:
        return there[0]
    found = f"of {len(there)} beside it its name begins with none" if there else "none is beside it"
    raise InputError(f"{path}: there is no .asf file for it: {found}; give --asf=FILE")


def _begins(name: str, start: str) -> bool:
    """Whether `name` begins so, and not within a number: `1` is no beginning of `12_01`."""
    following = name[len(start) :]
    return name.startswith(start) and not (start[-1].isdigit() and following[:1].isdigit())


@functools.lru_cache(maxsize=4)
def _skeleton(path: pathlib.Path) -> AcclaimSkeleton:
    return read_asf(path)
