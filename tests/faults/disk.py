"""A disk of its own whose power can be cut."""

import fcntl
import os
import pathlib
import struct
import subprocess

SYSTEMS = {
    "ext4": ("mkfs.ext4", ""),
    "ext4, nothing on its own": ("mkfs.ext4", "noauto_da_alloc"),
    "ext4, data at any time": ("mkfs.ext4", "noauto_da_alloc,data=writeback"),
    "xfs": ("mkfs.xfs", ""),
}
"""What makes a file system, and how it is mounted."""
_BYTES = 320 * 2**20  # the least for XFS; no more of it is kept than is written
_GOING_DOWN = 0x8004587D
_WITHOUT_LOG = struct.pack("I", 2)


class Disk:
    """A file system in a file, mounted at `place` between `with` and its end; takes root."""

    def __init__(self, folder: pathlib.Path, system: str):
        self.place, self._image = folder / "disk", folder / "image"
        make, self._options = SYSTEMS[system]
        self.place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(_BYTES)
        subprocess.run([make, "-q", self._image], check=True)

    def __enter__(self) -> "Disk":
        options = ",".join(["loop", *([self._options] if self._options else [])])
        subprocess.run(["mount", "-o", options, self._image, self.place], check=True)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", self.place], check=True)

    def lose_power(self) -> None:
        """What was written, but not handed to the disk yet, is lost: the call that file systems
        have for such tests.
        """
        place = os.open(self.place, os.O_RDONLY)
        fcntl.ioctl(place, _GOING_DOWN, _WITHOUT_LOG)
        os.close(place)
