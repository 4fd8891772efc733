"""NumPy archives, read without ever unpickling, with errors that name file and array."""

from __future__ import annotations

import contextlib
import pathlib
import zipfile
import zlib

import numpy as np

from anatomy_tf.errors import InputError


class Archive:
    """An `.npz` file whose arrays are read one at a time.

    Raises:
      InputError: the file is missing, not an archive, or truncated.
    """

    def __init__(self, path: pathlib.Path):
        self.path = path
        with self._errors("archive"):
            archive = np.load(path, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(f"{path}: not an .npz archive")
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
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise InputError(f"{self.path}: {what}: truncated or damaged ({error})") from error
        except (ValueError, OSError) as error:
            if isinstance(error, InputError):
                raise
            reason = str(error).splitlines()[0]
            if "pickle" in reason:
                reason = "holds pickled objects, which are never loaded"
            raise InputError(f"{self.path}: {what}: {reason}") from error
