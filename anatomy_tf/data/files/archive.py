"""NumPy archives, read without ever unpickling, with errors that name file and array."""

from __future__ import annotations

import contextlib
import lzma
import pathlib
import struct
import zipfile
import zlib

import numpy as np

from anatomy_tf.errors import InputError

# What NumPy and zipfile are known to raise for bytes that are not what they claim to be.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError)
_UNREADABLE = (ValueError, OSError, RuntimeError, KeyError, MemoryError)


class Archive:
    """An `.npz` file whose arrays are read one at a time.

    Raises:
      InputError: the file is missing, not an archive, or truncated.
    """

    def __init__(self, path: pathlib.Path):
        self.path = path
        with self._errors("archive"):
            path.stat()  # a missing file is told apart from a damaged one
            if not zipfile.is_zipfile(path):
                raise InputError(f"{path}: truncated, damaged, or not an .npz archive")
            archive = np.load(path, allow_pickle=False)
        self._archive = archive
        self.keys = frozenset(archive.files)

    def read(self, key: str) -> np.ndarray:
        """The array stored under `key`.

        Raises:
          InputError: there is none, it is damaged, or it holds pickled objects.
        """
        if key not in self.keys:
            raise InputError(f"{self.path}: array {key} is missing")
        with self._errors(key):
            return self._archive[key]

    @contextlib.contextmanager
    def _errors(self, what: str):
        try:
            yield
        except FileNotFoundError as error:
            raise InputError(f"{self.path}: file not found") from error
        except _DAMAGE as error:
            raise InputError(f"{self.path}: {what}: truncated or damaged ({error})") from error
        except InputError:
            raise
        except _UNREADABLE as error:
            reason = str(error).splitlines()[0] if str(error) else repr(error)
            if "pickle" in reason:
                reason = "holds pickled objects, which are never loaded"
            raise InputError(f"{self.path}: {what}: {reason}") from error
