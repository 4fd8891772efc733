"""Finds motion files in a folder, and reads each by its ending."""

from __future__ import annotations

import functools
import pathlib
import re

from anatomy_tf.data.motion.acclaim import AcclaimSkeleton, read_amc, read_asf
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
    path: pathlib.Path, up: str = "y", metres_per_unit: float | None = None, amc_fps: float = 120.0
) -> Motion:
    """Reads a `.bvh` file, or an `.amc` file and the `.asf` beside it.

    That is `01.asf` for `01_02.amc`, or else `01_02.asf`, or else the only one in the folder.

    Raises:
      InputError: as `read_bvh`, `read_asf` and `read_amc` do, or no skeleton is to be found.
    """
    if path.suffix.lower() == ".bvh":
        return read_bvh(path, up, metres_per_unit)
    return read_amc(path, _skeleton(_skeleton_file(path)), up, amc_fps, metres_per_unit)


def _skeleton_file(path: pathlib.Path) -> pathlib.Path:
    there = sorted(file for file in path.parent.iterdir() if file.suffix.lower() == ".asf")
    for stem in (path.stem.split("_")[0], path.stem):
        for file in there:
            if file.stem == stem:
                return file
    if len(there) != 1:
        found = f"{len(there)} others" if there else "none"
        raise InputError(
            f"{path}: its skeleton {path.stem.split('_')[0]}.asf is not beside it; "
            f"there are {found}"
        )
    return there[0]


@functools.lru_cache(maxsize=4)
def _skeleton(path: pathlib.Path) -> AcclaimSkeleton:
    return read_asf(path)
