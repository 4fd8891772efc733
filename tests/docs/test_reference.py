"""Sphinx reads all pages and all docstrings without a warning."""

import subprocess
import sys

from tests.docs.pages import ROOT


def test_sphinx_has_nothing_to_say(tmp_path):
    # Pages are resolved, and not written: their frames would take a third of the time.
    command = [sys.executable, "-m", "sphinx", "-b", "dummy", "-W", "-q", "docs", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
