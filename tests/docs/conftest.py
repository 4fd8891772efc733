import pathlib

import pytest

from anatomy_tf.shipped import tool_paths
from tests.docs import stand_ins
from tests.docs.commands import all_commands
from tests.docs.pages import PAGES
from tests.tools.processes import in_parallel, run_in


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

    def run_page(page: str) -> dict:
        commands = [command for command in all_commands() if command.page == page]
        return {command: _run(command, folders[page]) for command in commands if command.tool()}

    return {
        command: result
        for of_page in in_parallel(run_page, PAGES).values()
        for command, result in of_page.items()
    }


def _run(command, folder: pathlib.Path) -> tuple[int, str]:
    tool, flags = command.tool()
    if tool not in tool_paths():
        return 2, f"no tool {tool}"
    whole = command.not_run is None
    flags = [f for f in (command.small_flags() if whole else flags) if f != "--help"]
    code, out, err = run_in(folder, tool, flags, whole, eager=True)
    return code, "\n".join([out, *err])
