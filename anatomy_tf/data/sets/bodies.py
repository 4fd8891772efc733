"""The bodies of data sets other than Human3.6M.

As in `keypoint_sets`, a name is the same place on the body everywhere: what joints have the names
of Human3.6M's are those joints, whatever the data set calls them. Not to the centimetre: every set
places its hips its own way.
"""

from __future__ import annotations

from anatomy_tf.skeleton import Skeleton

MPI_INF_3DHP_17 = Skeleton.from_names(
    joint_names=(
        *("head", "thorax"),
        *("r_shoulder", "r_elbow", "r_wrist", "l_shoulder", "l_elbow", "l_wrist"),
        *("r_hip", "r_knee", "r_ankle", "l_hip", "l_knee", "l_ankle"),
        *("pelvis", "spine", "neck"),
    ),
    parents=(16, 15, 1, 2, 3, 1, 5, 6, 14, 8, 9, 14, 11, 12, -1, 14, 1),
)
"""The 17 joints of the MPI-INF-3DHP test set in its order: those of Human3.6M, in another order.

Its own names for the first two and the last are "head_top", "neck" and "head".
"""

MPI_INF_3DHP_SCORED = MPI_INF_3DHP_17.joint_names[:14]
"""The joints that PCK and AUC of MPI-INF-3DHP count; its MPJPE counts all 17."""

MPI_INF_3DHP_14 = Skeleton.from_names(
    joint_names=MPI_INF_3DHP_SCORED,
    parents=(1, -1, 1, 2, 3, 1, 5, 6, 1, 8, 9, 1, 11, 12),
)
"""A body of the scored joints alone, rooted in the thorax as it has no pelvis.

Errors of its models are relative to that root; those of the published tables, to the pelvis.
"""

HUMANEVA_15 = Skeleton.from_names(
    joint_names=(
        *("pelvis", "thorax"),
        *("l_shoulder", "l_elbow", "l_wrist", "r_shoulder", "r_elbow", "r_wrist"),
        *("l_hip", "l_knee", "l_ankle", "r_hip", "r_knee", "r_ankle"),
        "head",
    ),
    parents=(-1, 0, 1, 2, 3, 1, 5, 6, 0, 8, 9, 0, 11, 12, 1),
)
"""The 15 joints of HumanEva's own evaluation, in the order of the community's archives; no spine,
no neck.
"""
