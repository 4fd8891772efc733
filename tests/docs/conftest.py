import json
import pathlib
import subprocess
import sys

import pytest

from tests.docs import stand_ins
from tests.docs.commands import SMALL, all_commands
from tests.docs.pages import PAGES


@pytest.fixture(scope="package")
def folders(tmp_path_factory) -> dict[str, pathlib.Path]:
    """A folder for every page, in which its commands and its Python run, in the page's order."""
    inputs = tmp_path_factory.mktemp("inputs")
    stand_ins.write_inputs(inputs)
    made = {}
    for page in PAGES:
        made[page] = tmp_path_factory.mktemp(page.replace("/", "_"))
        stand_ins.prepare(made[page], inputs)
    return made


@pytest.fixture(scope="package")
def results(folders) -> dict:
    """By command, exit code and output of the project's tools; those that a page says are not run
    have their flags parsed only.
    """
    tools = [command for command in all_commands() if command.tool()]
    jobs = []
    for command in tools:
        tool, flags = command.tool()
        run = command.not_run is None
        flags = [flag for flag in flags if flag != "--help"]
        flags += SMALL.get(tool, ()) if run else ()
        job = {"folder": str(folders[command.page]), "tool": tool, "flags": flags, "run": run}
        jobs.append(job)
    runner = pathlib.Path(__file__).parent / "command_runner.py"
    finished = subprocess.run(
        [sys.executable, runner], input=json.dumps(jobs), capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    return dict(zip(tools, json.loads(finished.stdout), strict=True))
