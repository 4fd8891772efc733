"""The two networks of the 2D detector that ships, MoveNet MultiPose and MoveNet Thunder, as they
are: a picture in, COCO's 17 keypoints out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.shipped import detector_path
from anatomy_tf.video.crops import Square, cut_out, whole_picture
from anatomy_tf.video.decoding import Picture
from anatomy_tf.video.network import Network

Floats = npt.NDArray[np.float32]

_KEYPOINTS = 17
_X, _Y, _SCORE = 1, 0, 2
"""Of a keypoint, as the networks put it."""


class PeopleFinder:
    """MoveNet MultiPose: the people in a whole picture, up to six."""

    def __init__(self) -> None:
        self._network = Network(detector_path("movenet_multipose.tflite"))

    def __call__(self, picture: Picture) -> tuple[Floats, Floats, Floats]:
        """`(P, 17, 2)` keypoints in pixels of the picture, their `(P, 17)` scores, and the `(P,)`
        scores of the people; whoever is not there has one near 0.
        """
        square = whole_picture(picture)
        found = self._network(cut_out(picture, square, self._network.side))
        keypoints = found[:, : 3 * _KEYPOINTS].reshape(-1, _KEYPOINTS, 3)
        return square.in_picture(keypoints[..., [_X, _Y]]), keypoints[..., _SCORE], found[:, -1]


class KeypointReader:
    """MoveNet Thunder: the keypoints of the one person in the middle of a square."""

    def __init__(self) -> None:
        self._network = Network(detector_path("movenet_thunder.tflite"))

    def __call__(self, picture: Picture, square: Square) -> tuple[Floats, Floats]:
        """`(17, 2)` keypoints in pixels of the picture, and their `(17,)` scores, 0 to 1."""
        found = self._network(cut_out(picture, square, self._network.side))[0]
        return square.in_picture(found[:, [_X, _Y]]), np.clip(found[:, _SCORE], 0, 1)
