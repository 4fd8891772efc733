"""A few steps of training, and an evaluation, from every source that is not shipped."""

import json

import numpy as np
import pytest

from anatomy_tf.data.sets.bodies import HUMANEVA_15
from anatomy_tf.data.sources import NAMES, SHIPPED
from anatomy_tf.skeleton import H36M_17
from tests.conftest import write_mocap_folder
from tests.data.sets import mpi_inf_3dhp_files, test_humaneva
from tests.tools.processes import in_parallel, run


@pytest.fixture(scope="module")
def folders(tmp_path_factory, cmu):
    """A small folder of each source, by name."""
    folders = {name: tmp_path_factory.mktemp(name) for name in NAMES if name not in SHIPPED}
    for name in ("human36m", "own"):
        write_mocap_folder(folders[name], cmu)
    clip = cmu.clips(["A10"])[0]
    seen = 1000 * (clip.camera_joints()[: mpi_inf_3dhp_files.FRAMES] + np.float32([0, 0, 1]))
    views = np.stack(14 * [seen.astype(np.float64)])
    mpi_inf_3dhp_files.write_training(folders["mpi_inf_3dhp"], views)
    mpi_inf_3dhp_files.write_test_set(folders["mpi_inf_3dhp"], views)
    motion = clip.joints[: test_humaneva.FRAMES] - clip.joints[0, 0] * np.float32([1, 1, 0])
    motion = motion[:, [H36M_17.joint_names.index(name) for name in HUMANEVA_15.joint_names]]
    test_humaneva.write(folders["humaneva"], *test_humaneva.archives(motion))
    return folders


@pytest.fixture(scope="module")
def results(folders, config, tmp_path_factory):
    """Exit code, output and errors of a training and an evaluation on each."""
    runs = tmp_path_factory.mktemp("sources")

    def use(name: str):
        where = [f"--data={name}", f"--data_dir={folders[name]}"]
        trained = run("train", f"--flagfile={config}", *where, f"--output_dir={runs / name}")
        report = runs / f"{name}.json"
        return trained, run("evaluate", f"--model={runs / name}", *where, f"--json={report}")

    return in_parallel(use, folders), runs


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SHIPPED])
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
