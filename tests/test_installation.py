import importlib.metadata
import pathlib
import re
import shlex

import pytest

from anatomy_tf import installation, shipped
from anatomy_tf.installation import install_hint, requirements

PACKAGE = pathlib.Path(shipped.__file__).parent
ROOT = PACKAGE.parent
HINTS = {
    extra
    for path in PACKAGE.rglob("*.py")
    for extra in re.findall(r"install_hint\(['\"]([\w-]+)['\"]\)", path.read_text(encoding="utf-8"))
}


def test_a_checkout_is_installed_with_the_extra(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert install_hint("mocap") == "pip install -e '.[mocap]'"
    monkeypatch.chdir(tmp_path)
    hint = f"cd {shlex.quote(str(ROOT))} && pip install -e '.[mocap]'"
    assert install_hint("mocap") == hint


@pytest.mark.parametrize("extra", sorted(HINTS))
def test_an_installed_package_names_what_is_missing(extra, monkeypatch):
    monkeypatch.setattr(installation, "checkout", lambda: None)
    command = shlex.split(install_hint(extra))
    assert command[:2] == ["pip", "install"]
    assert command[2:] == requirements(extra)
    assert all(
        re.fullmatch(r"[\w-]+(>=[\d.]+|==[\d.]+\*?)", requirement) for requirement in command[2:]
    )
    assert command[2:]


def test_an_extra_is_told_from_others_and_from_what_is_always_needed(monkeypatch):
    lines = [
        *("keras>=3", 'one>=1; extra == "mpi-inf-3dhp"', "two; (extra == 'mpi_inf_3dhp')"),
        *('three; extra == "inf"', 'four; python_version < "3" and extra == "mpi.inf.3dhp"'),
    ]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: lines)
    assert requirements("mpi-inf-3dhp") == ["one>=1", "two", "four"]


def test_nothing_takes_the_package_from_an_index():
    """Nobody has registered its name there."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    for path in [*pages, *PACKAGE.rglob("*.py"), *(ROOT / "tools").glob("*.py")]:
        assert not re.search(r"pip3? install\b[^`]*\banatomy-tf\b", path.read_text("utf-8")), path
