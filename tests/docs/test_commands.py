"""Every command of the pages is right, whether it is run or not."""

import re

import pytest

from tests.docs.commands import all_commands
from tests.docs.pages import ROOT, blocks

COMMANDS = all_commands()
EXTRAS = re.search(r"extras_require=\{(.+?)\n    \}", (ROOT / "setup.py").read_text(), re.DOTALL)[1]


def test_every_command_of_a_block_that_is_run_is_one_of_the_project():
    run = [command for command in COMMANDS if command.not_run is None]
    assert [c for c in run if not c.tool() and not c.python_code()] == []
    assert len(run) >= 10


def test_extras_have_no_underscores():
    """An old pip (before 23.3) leaves out an extra with one, with no more than a warning."""
    assert not re.search(r'"\w*_\w*":', EXTRAS)


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_there_is_a_reason_not_to_run(block):
    assert block.not_run is None or len(block.not_run) > 5


def test_what_commands_name_exists():
    for command in COMMANDS:
        for word in command.words:
            path = word.partition("=")[2] or word
            if re.match(r"(configs|saved_models|examples|tools|tests|\.ci)/", path):
                assert (ROOT / path).exists(), f"{command.where}: {path}"
        for extra in command.extras():
            assert f'"{extra}"' in EXTRAS, f"{command.where}: no extra {extra}"


def test_scripts_have_their_flags():
    for command in COMMANDS:
        if command.script():
            path, flags = command.script()
            source = "".join(file.read_text() for file in path.parent.glob("*.py"))
            for flag in flags:
                name = flag.partition("=")[0]
                assert f'"{name}"' in source, f"{command.where}: {name}"
