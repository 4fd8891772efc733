"""Every reader of files from elsewhere, by name."""

import importlib

from tests.fuzz.reader import Reader

ROOMS = ("detections", "motion", "data_sets", "models", "others")


def readers(rooms: tuple[str, ...] = ROOMS) -> dict[str, Reader]:
    """Those of the rooms; a room has the modules that its readers take, some of them large."""
    modules = [importlib.import_module(f"tests.fuzz.of_{room}") for room in rooms]
    return {reader.name: reader for module in modules for reader in module.READERS}


def reader_called(name: str) -> Reader:
    """The one of that name, which begins with its room."""
    return readers((name.split("/")[0],))[name]
