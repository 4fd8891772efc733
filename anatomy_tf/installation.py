"""Whether the packages of an extra are there, and how to get them, for how this package was
installed.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import pathlib
import re
import shlex

from anatomy_tf.errors import InputError
from anatomy_tf.shipped import checkout


def check_installed(module: str, extra: str, need: str) -> None:
    """Raises an InputError, which begins with the `need`, where a module of an extra is missing."""
    if importlib.util.find_spec(module) is None:
        raise InputError(f"{need}: {install_hint(extra)}")


def install_hint(extra: str) -> str:
    """A command that installs what the extra needs.

    In a checkout, it installs the checkout with the extra; otherwise it names the packages, since
    what this package was installed from may be gone.
    """
    folder = checkout()
    if folder:
        command = f"pip install -e '.[{extra}]'"
        here = folder.resolve() == pathlib.Path.cwd()
        return command if here else f"cd {shlex.quote(str(folder))} && {command}"
    return f"pip install {' '.join(map(shlex.quote, requirements(extra)))}"


def requirements(extra: str) -> list[str]:
    """What the installed package needs for the extra, as in its metadata: `scipy>=1.14`."""
    marker = re.compile(rf"extra == ['\"]{'[-_.]'.join(re.split('[-_.]+', extra))}['\"]")
    requires = importlib.metadata.requires("anatomy-tf") or []
    parts = (requirement.partition(";") for requirement in requires)
    return [name.strip() for name, _, condition in parts if marker.search(condition)]
