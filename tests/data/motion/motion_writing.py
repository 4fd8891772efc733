"""Motion files in the true formats, from known motion."""

import pathlib

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_tf.skeleton import H36M_17

RIG_NAMES = dict(
    zip(
        H36M_17.joint_names,
        (
            *("Hips", "RightUpLeg", "RightLeg", "RightFoot", "LeftUpLeg", "LeftLeg", "LeftFoot"),
            *("Spine", "Neck", "Head", "HeadTop_End", "LeftArm", "LeftForeArm", "LeftHand"),
            *("RightArm", "RightForeArm", "RightHand"),
        ),
        strict=True,
    )
)
SAME_POINTS = "".join(f"{joint} = {name}\n" for joint, name in RIG_NAMES.items())
"""A mapping that takes every joint as it is, also the pelvis."""


def rigid(joints: np.ndarray) -> np.ndarray:
    """`(T, 17, 3)` with constant bone lengths, in the directions that `joints` has."""
    near, far = H36M_17.bones.T
    bones = joints[:, far].astype(np.float64) - joints[:, near]
    lengths = np.linalg.norm(bones, axis=-1, keepdims=True)
    return joints[:, :1] + H36M_17.path_matrix @ (bones / lengths * lengths.mean(axis=0))


def write_bvh(path: pathlib.Path, joints: np.ndarray, fps: float, prefix: str = "") -> None:
    """Writes `(T, 17, 3)` metres, z up, as centimetres, y up; every bone turns in a joint of its
    own.
    """
    x, y, z = np.moveaxis(joints * 100.0, -1, 0)
    joints = np.stack([x, z, -y], axis=-1)
    lines = ["HIERARCHY"]
    columns = [joints[:, 0]]

    def write_joint(joint: int, turn: Rotation, depth: int) -> None:
        for bone, (near, far) in enumerate(H36M_17.bones):
            if near != joint:
                continue
            vectors = joints[:, far] - joints[:, near]
            length = np.linalg.norm(vectors, axis=-1).mean()
            bone_turn = Rotation.concatenate(
                [Rotation.align_vectors(v[np.newaxis], [[0, 1, 0]])[0] for v in vectors]
            )
            columns.append((turn.inv() * bone_turn).as_euler("ZXY", degrees=True))
            name = prefix + RIG_NAMES[H36M_17.joint_names[far]]
            lines.extend(
                [
                    *(f"JOINT {prefix}turn{bone}", "{", "OFFSET 0.0 0.0 0.0"),
                    *("CHANNELS 3 Zrotation Xrotation Yrotation", f"JOINT {name}", "{"),
                    f"OFFSET 0.0 {length:.9f} 0.0",
                ]
            )
            write_joint(far, bone_turn, depth + 2)
            lines.extend(["End Site", "{", "OFFSET 0 1 0", "}", "}", "}"])

    lines.extend([f"ROOT {prefix}Hips", "{", "OFFSET 0 0 0"])
    lines.append("CHANNELS 3 Xposition Yposition Zposition")
    write_joint(0, Rotation.identity(len(joints)), 1)
    lines.extend(["}", "MOTION", f"Frames: {len(joints)}", f"Frame Time: {1 / fps:.9f}"])
    lines.extend(" ".join(f"{v:.9f}" for v in row) for row in np.concatenate(columns, axis=1))
    path.write_text("\n".join(lines) + "\n")


ASF = """# a skeleton
:version 1.10
:name VICON
:units
  mass 1.0
  length 0.45
  angle deg
:documentation
   of a test
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 1 2 3
   orientation 10 20 30
:bonedata
  begin
     id 1
     name lhip
     direction 0.6 -0.8 0
     length 2.5
     axis 0 0 0 XYZ
  end
  begin
     id 2
     name lfemur
     direction 0.34202 -0.939693 0
     length 7.1578
     axis 5 10 20 XYZ
    dof rx ry rz
    limits (-160.0 20.0)
           (-70.0 70.0)
           (-60.0 70.0)
  end
  begin
     id 3
     name ltibia
     direction 0.34202 -0.939693 0
     length 7.49137
     axis 0 -7.62852e-016 20 ZYX
    dof rz rx
    limits (-10.0 170.0)
  end
:hierarchy
  begin
    root lhip
    lhip lfemur
    lfemur ltibia
  end
"""
AMC = """#!OML:ASF of a test
:FULLY-SPECIFIED
:DEGREES
1
root 9.4 17.9 -17.3 -2.0 -7.6 -3.2
lfemur 10 20 30
ltibia 26.4 -5
2
root 9.5 17.8 -17.2 40 50 60
ltibia 1 2
lfemur -0.6 4.7 22.5
"""
