"""What is built and installed is complete: nothing of it needs the checkout."""

import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile

import pytest

from anatomy_tf import __version__
from tests.tools.processes import ROOT, in_parallel

MAX_BYTES = 100e6
SHIPPED = ("configs", "saved_models", "tools")
ENDINGS = {"configs": ".cfg", "saved_models": "", "tools": ".py"}

BUILD = """
import sys, setuptools.build_meta as backend
print(getattr(backend, f"build_{sys.argv[1]}")(sys.argv[2]))
"""


def build(kind: str, source: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    command = [sys.executable, "-c", BUILD, kind, str(folder)]
    built = subprocess.run(command, cwd=source, check=True, capture_output=True, text=True)
    return folder / built.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built of the sdist, so that both are complete, and nothing of an older build gets in."""
    folder = tmp_path_factory.mktemp("dist")
    archive = build("sdist", ROOT, folder)
    assert archive.stat().st_size < MAX_BYTES
    subprocess.run(["tar", "-xf", archive, "-C", folder], check=True)
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    assert not (unpacked / "tests").exists()
    return build("wheel", unpacked, folder)


@pytest.fixture(scope="module")
def commands(wheel, tmp_path_factory):
    """Runs a command of an environment with the wheel, in an empty folder, without the checkout."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    target = {"base": str(environment), "platbase": str(environment)}
    packages = pathlib.Path(sysconfig.get_path("purelib", vars=target))
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", "-q"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    # After the wheel's own: what it needs. Not as a folder of .pth files, of which one would bring
    # the checkout back.
    (packages / "needed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(command: str) -> subprocess.CompletedProcess:
        name, *arguments = command.split()
        without = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        return subprocess.run(
            [scripts / name, *arguments], cwd=elsewhere, env=without, capture_output=True, text=True
        )

    return run


def test_all_that_ships_is_inside(wheel):
    assert wheel.stat().st_size < MAX_BYTES
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    assert not [name for name in inside if name.startswith("tests/") or "__pycache__" in name]
    tracked = subprocess.run(
        ["git", "ls-files", "anatomy_tf", *SHIPPED], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    expected = {re.sub(rf"^({'|'.join(SHIPPED)})/", r"anatomy_tf/\1/", path) for path in tracked}
    assert expected <= inside


def test_the_installed_package_is_used_and_knows_its_version(commands):
    code = "import anatomy_tf, importlib.metadata as m;"
    code += "print(anatomy_tf.__file__,anatomy_tf.__version__,m.version('anatomy-tf'))"
    done = commands(f"python -c {code.replace(' ', chr(9))}")
    where, version, distribution = done.stdout.split()
    assert not pathlib.Path(where).is_relative_to(ROOT)
    assert version == distribution == __version__


USES = {
    "anatomy-tf --version": rf"anatomy-tf {re.escape(__version__)}\n",
    "anatomy-tf train --version": rf"anatomy-tf {re.escape(__version__)}\n",
    "anatomy-tf lift --help": "    anatomy-tf lift --model=saved_models/cmu_27f",
    "anatomy-tf describe-model cmu_27f": "27 frames",
    "anatomy-tf train --flagfile=configs/ablation/full.cfg --data=own --output_dir=x": "",
}
