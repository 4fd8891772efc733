"""What is built and installed is complete: nothing of it needs the checkout."""

import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

import pytest

from anatomy_tf import __version__
from anatomy_tf.video.detector_files import FEET_FILE
from tests.tools.processes import ROOT, in_parallel

MAX_BYTES = 100e6
SHIPPED = ("configs", "saved_models", "tools")
LEFT_OUT = {"tests", "__pycache__", FEET_FILE}
DETECTIONS = ROOT / "tests" / "data" / "detections" / "files" / "balance_alphapose-results.json"
SMALL = (
    "--channels=8 --sub_networks=1 --batch_size=16 --steps_per_epoch=2 --epochs=1 "
    "--statistics_batches=1"
)

BUILD = """
import sys, setuptools.build_meta as backend
print(getattr(backend, f"build_{sys.argv[1]}")(sys.argv[2]))
"""
WHERE = """
import anatomy_tf, importlib.metadata
print(anatomy_tf.__file__, importlib.metadata.version("anatomy-tf"))
"""


def build(kind: str, source: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    command = [sys.executable, "-c", BUILD, kind, str(folder)]
    built = subprocess.run(command, cwd=source, check=True, capture_output=True, text=True)
    return folder / built.stdout.split()[-1]


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """A sdist, and a wheel that is built of it, so that nothing of an older build gets in."""
    folder = tmp_path_factory.mktemp("dist")
    sdist = build("sdist", ROOT, folder)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return sdist, build("wheel", folder / sdist.name.removesuffix(".tar.gz"), folder)


def test_all_that_ships_is_inside_and_no_tests(archives):
    sdist, wheel = archives
    with tarfile.open(sdist) as archive:
        names = map(pathlib.PurePath, archive.getnames())
        source = {pathlib.PurePath(*name.parts[1:]) for name in names}
    with zipfile.ZipFile(wheel) as archive:
        inside = set(map(pathlib.PurePath, archive.namelist()))
    for path in archives:
        assert path.stat().st_size < MAX_BYTES
    for names in (source, inside):
        assert not [name for name in names if LEFT_OUT & set(name.parts)]
    for folder in ("anatomy_tf", *SHIPPED):
        paths = {path for path in (ROOT / folder).rglob("*") if path.is_file()}
        there = {p.relative_to(ROOT) for p in paths if not LEFT_OUT & set(p.parts)}
        assert there
        assert there <= source
        installed = "anatomy_tf" if folder in SHIPPED else ""
        assert {installed / path for path in there} <= inside


@pytest.fixture(scope="module")
def call(archives, tmp_path_factory):
    """Calls a program of an environment with the wheel, from another folder than the checkout."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index"]
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run([*pip, "--no-deps", archives[1]], check=True, env=variables)
    (packages,) = environment.glob("lib/python*/site-packages")
    # What the wheel needs. A checkout that is installed there does not come with it: it is in a
    # .pth file, and those count in the environment's own folder alone.
    (packages / "needed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def call(program: str, *arguments: str) -> subprocess.CompletedProcess:
        command = [python.with_name(program), *arguments]
        options = {"capture_output": True, "text": True, "cwd": elsewhere, "env": variables}
        return subprocess.run(command, **options)

    return call


def test_the_installed_package_is_the_one_in_use(call):
    where, version = call("python", "-c", WHERE).stdout.split()
    assert not pathlib.Path(where).is_relative_to(ROOT)
    assert version == __version__
    assert call("anatomy-tf", "--version").stdout == f"anatomy-tf {__version__}\n"


USES = {
    "lift --help": r"\n    anatomy-tf lift --model=cmu_27f",
    f"lift --model=cmu_27f --detections={DETECTIONS} --resolution=1280x720 --fps=30 "
    "--output=poses.npz": "wrote poses.npz",
    f"train --flagfile=cmu_quick --data_dir={{data}} {SMALL} --noexport --output_dir=run": "MPJPE",
}
"""Commands, and what they print."""
MISTAKE = "describe-model --jason cmu_27f"


@pytest.fixture(scope="module")
def called(call, data_dir):
    return in_parallel(
        lambda uses: call("anatomy-tf", *uses.format(data=data_dir).split()), [*USES, MISTAKE]
    )


@pytest.mark.long
@pytest.mark.parametrize("uses", USES)
def test_models_flagfiles_and_tools_are_found(uses, called):
    assert (called[uses].returncode, called[uses].stderr) == (0, "")
    assert re.search(USES[uses], called[uses].stdout)


@pytest.mark.long
def test_a_mistake_gets_the_line_of_its_tool(called):
    assert called[MISTAKE].returncode == 2
    (line,) = called[MISTAKE].stderr.splitlines()
    assert line.startswith("describe_model.py: Unknown command line flag 'jason'")
