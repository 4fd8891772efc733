"""The short form of `kill_training`, whose long form is in docs/reliability.md."""

import json
import subprocess
import sys

from tests.tools.processes import ROOT


def test_a_killed_training_goes_on_to_the_same_weights():
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_training", "--kills=1"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["kills"] == 1
    assert report["finished_equal"] >= 1
