"""ASPset-510's files, as small as they can be."""

import json

import ezc3d
import numpy as np

from anatomy_tf.data.sets.aspset import CAMERAS
from anatomy_tf.skeleton import H36M_17

LABELS = {
    **{"right_ankle": "r_ankle", "right_knee": "r_knee", "right_hip": "r_hip"},
    **{"right_wrist": "r_wrist", "right_elbow": "r_elbow", "right_shoulder": "r_shoulder"},
    **{"left_ankle": "l_ankle", "left_knee": "l_knee", "left_hip": "l_hip"},
    **{"left_wrist": "l_wrist", "left_elbow": "l_elbow", "left_shoulder": "l_shoulder"},
    **{"head_top": "head", "head": "neck", "neck": "thorax", "spine": "spine", "pelvis": "pelvis"},
}
"""The labels of the files in their order, with the same joints of Human3.6M."""
SPLITS = """04ac,0026,train,all
04ac,0031,train,mid
1e28,0001,test,right
2f9a,0007,val,all
"""
LENS = [[4600, 0, 1920, 0], [0, 4600, 1080, 0], [0, 0, 1, 0]]
SIDEWAYS = [[0, 0, 1, -6000], [0, 1, 0, 0], [-1, 0, 0, 6000], [0, 0, 0, 1]]


def write_c3d(path, motion, labels=tuple(LABELS), units="mm"):
    path.parent.mkdir(parents=True, exist_ok=True)
    joints = [H36M_17.joint_names.index(LABELS.get(label, "head")) for label in labels]
    x, y, z = np.moveaxis(1000 * motion[:, joints], -1, 0)
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [50]
    file["parameters"]["POINT"]["UNITS"]["value"] = [units]
    file["parameters"]["POINT"]["LABELS"]["value"] = list(labels)
    file["data"]["points"] = np.stack([x, -z, y, np.ones_like(x)]).transpose(0, 2, 1)
    file.write(str(path))


def write(folder, motion):
    (folder / "splits.csv").write_text(SPLITS)
    for row in SPLITS.splitlines():
        subject, take, split, _ = row.split(",")
        part = folder / ("test" if split == "test" else "trainval")
        write_c3d(part / "joints_3d" / subject / f"{subject}-{take}.c3d", motion)
        (part / "cameras" / subject).mkdir(parents=True, exist_ok=True)
        for camera in CAMERAS:
            place = np.eye(4).tolist() if camera == "left" else SIDEWAYS
            matrices = {
                "intrinsic_matrix": np.ravel(LENS).tolist(),
                "extrinsic_matrix": np.ravel(place).tolist(),
            }
            path = part / "cameras" / subject / f"{subject}-{camera}.json"
            path.write_text(json.dumps(matrices))
    return folder
