"""The short form of `kill_training`, whose long form is in docs/reliability.md."""

import json
import subprocess
import sys

import pytest

from tests.long import long
from tests.tools.processes import ROOT


@pytest.mark.parametrize("kills", [1, long(4)])
def test_a_killed_training_goes_on_to_the_same_weights(kills):
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_training", f"--kills={kills}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["kills"] == kills
    assert report["finished_equal"] >= 1
