import functools
import pathlib
from collections.abc import Callable

import pytest

from anatomy_tf.shipped import tool_paths
from tests.docs import stand_ins
from tests.docs.commands import all_commands
from tests.docs.pages import PAGES
from tests.tools.processes import run_in


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
def results(folders) -> Callable[[str], dict]:
    """Of a page, by command, exit code and output of the project's tools; those that the page says
    are not run have their flags parsed only.
    """

    @functools.cache
    def of_page(page: str) -> dict:
        return {
            command: _run(command, folders[page])
            for command in all_commands()
            if command.page == page and command.tool()
        }

    return of_page


def _run(command, folder: pathlib.Path) -> tuple[int, str]:
    tool, flags = command.tool()
    if tool not in tool_paths():
        return 2, f"no tool {tool}"
    whole = command.not_run is None
    flags = [f for f in (command.small_flags() if whole else flags) if f != "--help"]
    code, out, err = run_in(folder, tool, flags, whole, eager=True)
    return code, "\n".join([out, *err])
