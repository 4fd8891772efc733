"""Heels and big toes, which COCO's keypoints lack, by BlazePose."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.keypoint_sets import BLAZEPOSE_33, COCO_17, COCO_23
from anatomy_tf.errors import InputError
from anatomy_tf.shipped import detector_path
from anatomy_tf.video.decoding import Picture
from anatomy_tf.video.detector_files import FEET_FILE
from anatomy_tf.video.network import Network

Floats = npt.NDArray[np.float32]

_REACH = 1.25
"""Half the side of the square, in the distance of the farthest keypoint from its middle."""
_VALUES = 5
"""Of a landmark: x, y, depth, and the logits of being visible and in the picture."""
_FOOT = tuple(name for name in COCO_23[len(COCO_17) :] if name in BLAZEPOSE_33)


class FootReader:
    """Reads the feet of somebody whose other keypoints are known.

    Raises:
      InputError: the network's file is not there; it does not ship.
    """

    def __init__(self) -> None:
        path = detector_path(FEET_FILE)
        if not path.is_file():
            raise InputError(
                f"{path}: file not found; it does not ship: python tools/prepare_detector.py --feet"
            )
        self._network = Network(path)

    def __call__(
        self, picture: Picture, keypoints: Floats, scores: Floats
    ) -> tuple[Floats, Floats]:
        """COCO's 23 keypoints `(23, 2)` and scores `(23,)` from its 17; the small toes, which
        BlazePose does not tell, are not found.
        """
        to_picture = self._upright_square(keypoints, scores)
        found = self._landmarks(picture, to_picture)
        read = found[:, :2] @ to_picture[:, :2].T + to_picture[:, 2]
        names = _of_same_sides(_FOOT, read, keypoints)
        at = [BLAZEPOSE_33.index(name) for name in names]
        places = [COCO_23.index(name) for name in _FOOT]
        points = np.concatenate([keypoints, np.zeros((6, 2), np.float32)])
        sure = np.concatenate([scores, np.zeros(6, np.float32)])
        points[places] = read[at]
        sure[places] = 1 / (1 + np.exp(-found[at, 3:].min(axis=1)))
        return points, sure

    def _upright_square(self, keypoints: Floats, scores: Floats) -> Floats:
        """`(2, 3)`: from a pixel of the network's input to one of the picture, so turned that the
        shoulders are above the hips.
        """
        seen = keypoints[scores > 0] if (scores > 0).any() else keypoints
        middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
        half = _REACH * max(float(np.linalg.norm(seen - middle, axis=1).max()), 1.0)
        of = {name: keypoints[COCO_17.index(name)] for name in COCO_17}
        up = of["l_shoulder"] + of["r_shoulder"] - of["l_hip"] - of["r_hip"]
        angle = math.atan2(float(up[0]), float(-up[1]))
        cos, sin = math.cos(angle), math.sin(angle)
        turn = np.array([[cos, -sin], [sin, cos]]) * (2 * half / self._network.side)
        corner = middle - turn @ np.full(2, self._network.side / 2)
        return np.column_stack([turn, corner]).astype(np.float32)

    def _landmarks(self, picture: Picture, to_picture: Floats) -> Floats:
        from PIL import Image

        image = Image.fromarray(picture).transform(
            (self._network.side,) * 2,
            Image.Transform.AFFINE,
            to_picture.ravel().tolist(),
            Image.Resampling.BILINEAR,
        )
        return self._network(np.asarray(image, np.float32) / 255).reshape(-1, _VALUES)


def _of_same_sides(names: tuple[str, ...], read: Floats, keypoints: Floats) -> tuple[str, ...]:
    """`names`, or those of the other side where BlazePose takes the left leg for the right one, by
    the ankles that both networks read.
    """
    own = read[[BLAZEPOSE_33.index(f"{side}_ankle") for side in "lr"]]
    known = keypoints[[COCO_17.index(f"{side}_ankle") for side in "lr"]]
    straight, crossed = (
        np.linalg.norm(own - other, axis=1).sum() for other in (known, known[::-1])
    )
    if straight <= crossed:
        return names
    return tuple({"l": "r", "r": "l"}[name[0]] + name[1:] for name in names)
