"""The measurement of many people's streams, with a tiny model."""

import re
import runpy
import sys

import pytest

from anatomy_tf.export.written_outputs import Outputs, export
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.docs.pages import ROOT


@pytest.mark.long
def test_memory_and_rates(tmp_path, monkeypatch, capsys):
    model = AnatomyLifter(H36M_17, (3, 3), channels=8, sub_networks=1, causal=True)
    export(model, Outputs(serving_dir=tmp_path))
    flags = [f"--saved_model={tmp_path}/anatomy/1", "--people=5", "--batches=1,4", "--rounds=1"]
    monkeypatch.setattr(sys, "argv", ["many_streams.py", *flags])
    runpy.run_path(str(ROOT / "examples" / "serving" / "many_streams.py"), run_name="__main__")
    out = capsys.readouterr().out
    assert "| and 5 people, at most |" in out
    assert re.search(r"The state of a person has [\d,]+ bytes; of 5, 0 MiB", out)
    assert [line.split("|")[1].strip() for line in out.splitlines()[-2:]] == ["1", "4"]
