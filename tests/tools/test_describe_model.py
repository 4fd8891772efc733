"""The one tool that takes its file without a flag."""

import json

from anatomy_tf.models.lifter import AnatomyLifter
from tests.tools.processes import in_parallel, run


def test_it_takes_a_file(tmp_path):
    AnatomyLifter(filter_widths=(3, 3), channels=4).save(tmp_path / "model.keras")
    calls = {"file": [tmp_path, "--json"], "nothing": []}
    found = in_parallel(lambda name: run("describe_model", *calls[name]), calls)
    code, out, errors = found["file"]
    assert (code, errors) == (0, [])
    assert json.loads(out)["receptive_field"] == 9
    assert found["nothing"] == (2, "", ["describe_model.py: FILE is missing"])
