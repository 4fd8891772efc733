"""`anatomy-tf` without a tool to run; tests/tools/test_wheel.py runs some."""

import pytest

from anatomy_tf import __version__, commands
from anatomy_tf.command_line import run_tool
from anatomy_tf.shipped import tool_paths


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_all_tools_are_listed_with_a_line_each(arguments, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setattr("sys.argv", ["anatomy-tf", *arguments])
    commands.main()
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 90
    listed = [line.split(maxsplit=1) for line in lines if line.startswith("  ")]
    assert [name for name, _ in listed] == sorted(tool_paths())
    assert dict(listed)["train"].startswith("Trains a model, evaluates it on the test subjects")


def test_an_unknown_command_gets_one_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["anatomy-tf", "trian"])
    with pytest.raises(SystemExit) as raised:
        commands.main()
    assert raised.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no command 'trian'; there are ablate, " in line


def test_version(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["anatomy-tf", "--version"])
    commands.main()
    assert capsys.readouterr().out == f"anatomy-tf {__version__}\n"


def test_every_tool_tells_the_version(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["lift.py", "--output=x", "--version"])
    with pytest.raises(SystemExit) as raised:
        run_tool(lambda: pytest.fail("the tool ran"), "What it does.")
    assert raised.value.code == 0
    assert capsys.readouterr().out == f"anatomy-tf {__version__}\n"
