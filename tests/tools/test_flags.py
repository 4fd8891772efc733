"""Help and flagfiles."""

import subprocess
import sys

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.flagfiles import read_flags
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training import run_checks
from tests.tools.processes import ROOT, in_parallel
from tests.tools.processes import run as run_tool
from tools import train

TOOLS = sorted(path.stem for path in (ROOT / "tools").glob("*.py"))


@pytest.fixture(scope="module")
def helps():
    return in_parallel(lambda tool: run_tool(tool, "--help"), TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_help_shows_an_example(tool, helps):
    code, out, errors = helps[tool]
    assert (code, errors) == (0, [])
    assert f"python tools/{tool}.py --" in out


NOT_TRAININGS = {"cmu_small"}  # a flagfile of tools/ablate.py


@pytest.mark.parametrize(
    "path",
    sorted(p for p in (ROOT / "configs").rglob("*.cfg") if p.stem not in NOT_TRAININGS),
    ids=lambda path: path.stem,
)
def test_every_config_is_understood(path, tmp_path, monkeypatch):
    """All its flags are there and in range: the first thing to be missing is the data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_checks, "check_optimizer", lambda _: None)  # of either stack
    nowhere = tmp_path / "nowhere"
    train.FLAGS(["train", *read_flags(path), f"--data_dir={nowhere}", f"--output_dir={tmp_path}"])
    try:
        with pytest.raises(InputError, match=f"{nowhere}: no such folder"):
            train.main()
        AnatomyLifter(**train.model_arguments() | {"channels": 2})
    finally:
        train.FLAGS.unparse_flags()
    if path.parent.name == "configs":
        assert all(f"# {word}: " in path.read_text() for word in ("Takes", "Gives"))


def test_help_has_groups_and_does_not_wait_for_tensorflow():
    code = (
        "import runpy, sys\n"
        "sys.argv = ['tools/train.py', '--help']\n"
        "try:\n    runpy.run_path('tools/train.py', run_name='__main__')\n"
        "finally:\n    print('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    *lines, heavy = done.stdout.splitlines()
    assert (done.returncode, done.stderr, heavy) == (0, "", "False")
    groups = [line for line in lines if line and not line.startswith(" ") and line.endswith(":")]
    assert groups[-3:] == ["Schedule:", "While it trains:", "Of every command:"]
    assert "Several devices:" in groups
    shown = {line.split("=")[0].split("]")[-1].strip(" -") for line in lines if "  --" in line}
    flags = train.FLAGS.get_key_flags_for_module("tools.train")
    assert shown == {flag.name for flag in flags} | {"log_format"}
