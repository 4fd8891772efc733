"""docs/dependencies.md leaves nothing out."""

import ast
import re
import sys

from tests.docs.pages import ROOT

OWN = {"anatomy_tf", "tests", "tools", "grpc_client", "lifting"}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "dependencies.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| package", "| ---"))
]


def imported() -> set[str]:
    found = set()
    for folder in ("anatomy_tf", "tools", "tests", "examples", "docs"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {name.name.split(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - OWN


def test_every_import_has_a_row():
    described = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[1])}
    by_name = {"ai_edge_litert", "torch"}  # imported where it is known to be there
    assert imported() | by_name == described


def test_every_requirement_has_a_row():
    required = re.findall(r'"([\w-]+)(?:>=|==)', (ROOT / "setup.py").read_text("utf-8"))
    described = {name for row in ROWS for name in row[0].split(", ")}
    assert set(required) <= described
