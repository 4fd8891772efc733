"""From what a detector wrote to poses."""

import numpy as np

from anatomy_tf.skeleton import H36M_17
from tests.tools.processes import ROOT, run

FILES = ROOT / "tests" / "data" / "detections" / "files"
MODEL = ROOT / "saved_models" / "cmu_27f"


def test_a_video_of_one_person(tmp_path):
    output = tmp_path / "poses.npz"
    code, out, errors = run(
        *("lift", f"--model={MODEL}", f"--detections={FILES / 'balance_openpose.zip'}"),
        *("--resolution=1080x1920", "--fps=60", f"--output={output}"),
    )
    assert (code, errors) == (0, [])
    assert "person 0: frames 0 to 99" in out
    with np.load(output, allow_pickle=False) as poses:
        joints = poses["joints"]
        assert poses["fps"] == 60
    assert joints.shape == (100, 17, 3)
    # The camera is upright within some twenty degrees, so the head is above (y points down) the
    # feet's middle.
    head, *feet = (H36M_17.joint_names.index(name) for name in ("head", "l_ankle", "r_ankle"))
    assert (joints[:20, head, 1] < joints[:20, feet, 1].mean(axis=1) - 1).all()
