"""NumPy archives, read without ever unpickling, with errors that name file and array."""

from __future__ import annotations

import contextlib
import pathlib
import zipfile

import numpy as np

from anatomy_tf.data.files.pickled_arrays import check_claims, holds_characters
from anatomy_tf.errors import InputError


class Archive:
    """An `.npz` file whose arrays are read one at a time.

    Raises:
      InputError: the file is missing, not an archive, or truncated, or claims to hold more than one
        of its size can.
    """

    def __init__(self, path: pathlib.Path):
        self.path = path
        with self._errors("archive"):
            size = path.stat().st_size  # a missing file is told apart from a damaged one
            if not zipfile.is_zipfile(path):
                raise InputError(f"{path}: truncated, damaged, or not an .npz archive")
            archive = np.load(path, allow_pickle=False)
            check_claims(archive.zip.infolist(), size, most=None)
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
            values = self._archive[key]
            if not isinstance(values, np.ndarray) or values.dtype.names:  # bytes: no header
                raise InputError(f"{self.path}: {key}: damaged: not an array of one type")
            if values.size and not values.itemsize:  # any number of them is no byte of the file
                raise InputError(f"{self.path}: {key}: damaged: values that take no bytes")
            if not holds_characters(values):
                raise InputError(f"{self.path}: {key}: damaged: holds text that is none")
        return values

    @contextlib.contextmanager
    def _errors(self, what: str):
        try:
            yield
        except FileNotFoundError as error:
            raise InputError(f"{self.path}: file not found") from error
        except InputError as error:
            known = str(error).startswith(f"{self.path}: ")
            raise error if known else InputError(f"{self.path}: {error}") from error
        except Exception as error:  # NumPy, its parser of headers and zipfile raise many kinds
            reason = str(error).splitlines()[0] if str(error) else repr(error)
            if "pickle" in reason:
                reason = "holds pickled objects, which are never loaded"
            elif not isinstance(error, OSError | ValueError):
                reason = f"truncated or damaged ({reason})"
            raise InputError(f"{self.path}: {what}: {reason}") from error
