"""What a tool imports, without what takes long to load: for `--help`, which is text alone.

Flags take their names and defaults from the modules that use them, and these import TensorFlow at
their head. Whoever asks for help runs none of it, so empty names in its place will do.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

_SLOW = ("tensorflow", "keras", "matplotlib")


def is_asked_for() -> bool:
    """Whether the command line asks for help, or the version, and for nothing else."""
    return bool({"--help", "-help", "-h", "--version"}.intersection(sys.argv[1:]))


def stand_in() -> None:
    """From now on, what is slow is imported as empty names, where it is not loaded already."""
    if not any(name in sys.modules for name in _SLOW):
        sys.meta_path.insert(0, _Finder())


class _AnyName(type):
    """Makes a class that has every attribute, and can be called, decorate and be inherited from."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing

    def __call__(cls, *_: Any, **__: Any) -> Any:
        return _Nothing


class _Nothing(metaclass=_AnyName):
    pass


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in _SLOW:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: types.ModuleType) -> None:
        vars(module)["__version__"] = "0.0.0"
        vars(module)["__getattr__"] = lambda name: getattr(_Nothing, name)
        if module.__name__ == "keras":  # the package looks what it runs on
            vars(module)["backend"] = types.SimpleNamespace(backend=lambda: "tensorflow")
