"""A few steps of training, and an evaluation, from sources that are not shipped: one that a tool
prepared, and one with published files and scores of its own.
"""

import json

import numpy as np
import pytest

from tests.data.sets import mpi_inf_3dhp_files
from tests.mocap_folder import write_mocap_folder
from tests.tools.processes import in_parallel, run

NAMES = ("own", "mpi_inf_3dhp")


@pytest.fixture(scope="module")
def folders(tmp_path_factory, cmu):
    """A small folder of each source, by name."""
    folders = {name: tmp_path_factory.mktemp(name) for name in NAMES}
    write_mocap_folder(folders["own"], cmu)
    clip = cmu.clips(["A10"])[0]
    seen = 1000 * (clip.camera_joints()[: mpi_inf_3dhp_files.FRAMES] + np.float32([0, 0, 1]))
    views = np.stack(14 * [seen.astype(np.float64)])
    mpi_inf_3dhp_files.write_training(folders["mpi_inf_3dhp"], views)
    mpi_inf_3dhp_files.write_test_set(folders["mpi_inf_3dhp"], views)
    return folders


@pytest.fixture(scope="module")
def results(folders, config, tmp_path_factory):
    """Exit code, output and errors of a training and an evaluation on each."""
    runs = tmp_path_factory.mktemp("sources")

    def use(name: str):
        where = [f"--data={name}", f"--data_dir={folders[name]}"]
        arguments = [f"--flagfile={config}", *where, f"--output_dir={runs / name}"]
        trained = run("train", *arguments)
        report = runs / f"{name}.json"
        return trained, run("evaluate", f"--model={runs / name}", *where, f"--json={report}")

    return in_parallel(use, folders), runs


@pytest.mark.parametrize("name", NAMES)
def test_training_and_evaluation(name, results):
    (trained, evaluated), runs = results[0][name], results[1]
    for code, out, errors in (trained, evaluated):
        assert (code, errors) == (0, [])
        assert "average" in out
    report = json.loads((runs / f"{name}.json").read_text())
    assert np.isfinite(report["mpjpe_mm"])
    own = report.get("data_set_scores")
    assert ("As the data set's own script scores" in evaluated[1]) == (name == "mpi_inf_3dhp")
    if own:
        scored = len(range(0, mpi_inf_3dhp_files.FRAMES, 3))
        assert own["all"]["frames"] == report["frames"] == scored
