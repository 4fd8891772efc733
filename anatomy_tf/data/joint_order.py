"""Whether keypoints are the joints that they are said to be, in that order.

COCO and Human3.6M both have 17 points, MPI-INF-3DHP too; lifted under the wrong names, they give a
person that is none. In the right order, neighbours in the skeleton are neighbours in the image, so
the bones drawn there are hardly longer than the shortest tree that joins the same points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.keypoint_sets import KEYPOINT_SETS, conversion
from anatomy_tf.data.sets.bodies import MPI_INF_3DHP_17
from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import Skeleton

_ORDERS = KEYPOINT_SETS | {"mpi_inf_3dhp17": MPI_INF_3DHP_17.joint_names}
_CLEARLY = 1.1
"""Another order has to be better by this factor. Over all clips of the shipped set and of a real
video, wrong orders are 1.2 to 3 times as bad as the right one.
"""
_A_BODY = 2.0
"""And what it draws has to be a body; in the right order, no clip reaches more than 1.9."""
_MOST_FRAMES = 50
_WATCHED = 20


class JointOrderWatch:
    """Looks at the joints of a stream until 20 frames with all of them have come, as
    `check_joint_order` does.
    """

    def __init__(self, joint_names: Sequence[str], skeleton: Skeleton, where: str):
        self._told = (joint_names, skeleton, where)
        self._seen: list[np.ndarray] = []

    def look(self, keypoints: np.ndarray, scores: np.ndarray) -> None:
        """Looks at the next frames, `(..., J, 2)` and `(..., J)`; raises as `check_joint_order`."""
        if len(self._seen) >= _WATCHED:
            return
        self._seen += list(keypoints[(scores > 0).all(axis=-1)].reshape(-1, *keypoints.shape[-2:]))
        if len(self._seen) >= _WATCHED:
            seen, self._seen = np.stack(self._seen), []
            check_joint_order(seen, np.ones(seen.shape[:2]), *self._told)
            self._seen = list(seen[:_WATCHED])


def check_joint_order(
    keypoints: np.ndarray,
    scores: np.ndarray,
    joint_names: Sequence[str],
    skeleton: Skeleton,
    where: str,
) -> None:
    """Refuses keypoints that are clearly of another set with as many points.

    Args:
      keypoints: `(T, J, 2)`, in any unit; `scores`: `(T, J)`, 0 where nothing was found.
      joint_names: what the `J` points are said to be.
      skeleton: of the model that they are for.
      where: how the message calls them.

    Raises:
      InputError: they look like another set; names it.
    """
    names = tuple(joint_names)
    others = {n: o for n, o in _ORDERS.items() if len(o) == len(names) and o != names}
    frames = np.flatnonzero((scores > 0).all(axis=1))
    if not others or not len(frames):
        return
    frames = frames[:: -(-len(frames) // _MOST_FRAMES)]
    seen = keypoints[frames].astype(np.float64)
    told = _tangle(seen, names, skeleton)
    found = {name: _tangle(seen, order, skeleton) for name, order in others.items()}
    best = min(found, key=found.__getitem__)
    if found[best] < min(told / _CLEARLY, _A_BODY):
        said = next((name for name, order in _ORDERS.items() if order == names), "the model's")
        raise InputError(
            f"{where}: the {len(names)} keypoints look like those of {best}, not {said}: "
            f"tell the keypoint set that they have"
        )


def _tangle(keypoints: np.ndarray, names: tuple[str, ...], skeleton: Skeleton) -> float:
    """Median over the frames of the bones' length in the image as a multiple of the shortest tree;
    infinite where the skeleton cannot be made of these points.
    """
    try:
        weights = conversion(names, skeleton.joint_names)
    except InputError:
        return np.inf
    made = np.asarray(weights.any(axis=1))
    near, far = skeleton.bones[made[skeleton.bones].all(axis=1)].T
    points = weights @ keypoints
    drawn = np.linalg.norm(points[:, far] - points[:, near], axis=-1).sum(axis=1)
    shortest = _shortest_tree(points[:, made])
    apart = shortest > 0
    return float(np.median(drawn[apart] / shortest[apart])) if apart.any() else np.inf


def _shortest_tree(points: np.ndarray) -> np.ndarray:
    """`(T,)` lengths of the shortest trees that join `(T, J, 2)` points, by Prim's algorithm."""
    distances = np.linalg.norm(points[:, :, np.newaxis] - points[:, np.newaxis], axis=-1)
    frames = np.arange(len(points))
    nearest = distances[:, 0].copy()
    nearest[:, 0] = np.inf
    length = np.zeros(len(points))
    for _ in range(points.shape[1] - 1):
        joined = nearest.argmin(axis=1)
        length += nearest[frames, joined]
        outside = np.isfinite(nearest)
        nearest = np.minimum(nearest, distances[frames, joined])
        nearest[~outside] = np.inf
        nearest[frames, joined] = np.inf
    return length
