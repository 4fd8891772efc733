"""Every reader of files from elsewhere, by name."""

import importlib

from tests.fuzz.reader import Reader

_ROOMS = ("detections", "motion", "data_sets", "models", "others")

READERS: dict[str, Reader] = {
    reader.name: reader
    for room in _ROOMS
    for reader in importlib.import_module(f"tests.fuzz.of_{room}").READERS
}
