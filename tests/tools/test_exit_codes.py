"""How a tool ends, and what it says to programs: the table of docs/reliability.md."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
import tensorflow as tf

from anatomy_tf import run_tool as run_tool_module
from tests.long import long
from tests.tools.processes import ROOT, finish, run, start

TOOLS = sorted(path.stem for path in (ROOT / "tools").glob("*.py"))
HELP = """
import runpy, sys
sys.argv = [sys.argv[1], "--help"]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    loaded = getattr(sys.modules.get("tensorflow"), "__file__", None)
    print(f"loaded {loaded}", file=sys.stderr)
"""


@pytest.mark.parametrize("tool", TOOLS)
def test_help_is_the_same_without_tensorflow(tool):
    path = str(ROOT / "tools" / f"{tool}.py")
    done = subprocess.run(
        [sys.executable, "-c", HELP, path], capture_output=True, text=True, cwd=ROOT, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "loaded None\n")
    assert (0, done.stdout, []) == run(tool, "--help")
    assert "--log_format=<text|json>" in done.stdout


CTRL_C = """
import runpy, sys
class CtrlC:
    def find_spec(self, name, path, target=None):
        if name == module:
            raise KeyboardInterrupt
module, *sys.argv = sys.argv[1:]
sys.meta_path.insert(0, CtrlC())
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize(
    ("tool", "module"),
    [
        *(("train", "absl"), long("train", "numpy"), long("train", "keras.layers")),
        *(long("lift", "absl"), ("lift", "numpy"), long("lift", "tensorflow.python.eager")),
    ],
)
def test_ctrl_c_while_a_tool_loads(tool, module, tmp_path):
    command = [sys.executable, "-c", CTRL_C, module, ROOT / "tools" / f"{tool}.py"]
    command += [f"--output_dir={tmp_path / 'run'}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert (done.returncode, done.stderr) == (130, f"{tool}.py: interrupted\n")


@pytest.mark.long
def test_a_training_that_is_stopped_goes_on(data_dir, config, tmp_path):
    """After Ctrl-C, and after it was terminated, when it says so in JSON."""
    arguments = [f"--flagfile={config}", f"--data_dir={data_dir}", f"--output_dir={tmp_path}"]
    # The model that is compiled soonest.
    arguments += ["--assembly=joints", "--nojoint_shifts", "--epochs=4000"]
    process = start("train", *arguments)
    for line in process.stdout:
        if line.startswith("epoch 3/"):
            break
    process.send_signal(signal.SIGINT)
    code, _, errors = finish(process)
    assert (code, errors) == (130, ["train.py: interrupted"])
    assert not (tmp_path / "model.keras").exists()
    assert list((tmp_path / "checkpoints").glob("*.index"))

    process = start("train", *arguments, "--resume", "--log_format=json")
    told, epochs = [], []
    while len(epochs) < 2:  # a signal while TensorFlow compiles can get lost
        told.append(json.loads(process.stdout.readline()))
        epochs += [line for line in told[-1:] if "epoch" in line]
    process.send_signal(signal.SIGTERM)
    code, out, errors = finish(process)
    told += map(json.loads, out.splitlines())
    assert code == 143
    assert [json.loads(line)["message"] for line in errors] == ["train.py: terminated"]
    assert {"time", "level", "message"} <= set.intersection(*map(set, told))
    epoch = epochs[0]
    assert epoch["epoch"] > 3
    assert (epoch["step"], epoch["steps"], epoch["epochs"]) == (3 * epoch["epoch"], 12_000, 4000)
    assert f"loss {epoch['loss']:.4f}" in epoch["message"]
    assert "--log_format" not in (tmp_path / "flags.cfg").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"), [(["nowhere"], 1), (["--jsn", "x"], 2)], ids=["input", "flag"]
)
def test_mistakes_are_objects_too(arguments, code):
    text = run("describe_model", *arguments)
    objects = run("describe_model", *arguments, "--log_format=json")
    assert (text[0], objects[0]) == (code, code)
    if code == 1:
        told = json.loads(objects[2][0])
        assert (told["level"], [told["message"]]) == ("error", text[2])


def test_what_ends_the_work_from_without_is_one_line():
    reason = run_tool_module._reason_of_system
    assert reason(MemoryError("8 GiB")) == "out of memory (8 GiB)"
    assert reason(PermissionError(13, "Permission denied", "x")) == "x: Permission denied"
    assert reason(tf.errors.UnimplementedError(None, None, "no kernel\nmore")) == (
        "TensorFlow: no kernel"
    )
    assert reason(ZeroDivisionError()) is None


@pytest.mark.long
def test_a_reader_that_has_enough():
    process = start("describe_model", "cmu_27f", "--json")
    with process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_the_table_of_exit_codes_is_complete():
    page = (ROOT / "docs" / "reliability.md").read_text()
    codes = {int(code) for code in re.findall(r"^\| (\d+) +\|", page, re.MULTILINE)}
    assert codes == {0, 1, 2, 128 + signal.SIGINT, 128 + signal.SIGTERM, 128 + signal.SIGKILL}
    assert os.name == "posix"
