"""`anatomy-tf` without a tool to run; tests/test_wheel.py runs some."""

import pytest

from anatomy_tf import __version__, commands
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
