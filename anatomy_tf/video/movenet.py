"""The two networks of the 2D detector that ships, MoveNet MultiPose and MoveNet Thunder, as they
are: a picture in, COCO's 17 keypoints out.
"""

from __future__ import annotations

import pathlib

import numpy as np
import numpy.typing as npt

from anatomy_tf.shipped import detector_path
from anatomy_tf.video.crops import Square, cut_out, whole_picture
from anatomy_tf.video.decoding import Picture

Floats = npt.NDArray[np.float32]

_KEYPOINTS = 17
_X, _Y, _SCORE = 1, 0, 2
"""Of a keypoint, as the networks put it."""


class _Network:
    def __init__(self, path: pathlib.Path):
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(path), num_threads=2)
        self._interpreter.allocate_tensors()
        (taken,), (given,) = (
            self._interpreter.get_input_details(),
            self._interpreter.get_output_details(),
        )
        self._taken, self._given = taken["index"], given["index"]
        self.side = int(taken["shape"][1])

    def __call__(self, picture: Picture) -> Floats:
        self._interpreter.set_tensor(self._taken, picture[np.newaxis].astype(np.int32))
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._given)[0], np.float32)


class PeopleFinder:
    """MoveNet MultiPose: the people in a whole picture, up to six."""

    def __init__(self) -> None:
        self._network = _Network(detector_path("movenet_multipose.tflite"))

    def __call__(self, picture: Picture) -> tuple[Floats, Floats, Floats]:
        """Raises nothing; whoever is not there has a score near 0.

        Returns:
          `(P, 17, 2)` keypoints in pixels of the picture, their `(P, 17)` scores, and the `(P,)`
          scores of the people.
        """
        square = whole_picture(picture)
        found = self._network(cut_out(picture, square, self._network.side))
        keypoints = found[:, : 3 * _KEYPOINTS].reshape(-1, _KEYPOINTS, 3)
        return square.in_picture(keypoints[..., [_X, _Y]]), keypoints[..., _SCORE], found[:, -1]


class KeypointReader:
    """MoveNet Thunder: the keypoints of the one person in the middle of a square."""

    def __init__(self) -> None:
        self._network = _Network(detector_path("movenet_thunder.tflite"))

    def __call__(self, picture: Picture, square: Square) -> tuple[Floats, Floats]:
        """`(17, 2)` keypoints in pixels of the picture, and their `(17,)` scores, 0 to 1."""
        found = self._network(cut_out(picture, square, self._network.side))[0]
        return square.in_picture(found[:, [_X, _Y]]), np.clip(found[:, _SCORE], 0, 1)


def mean_of_best(scores: Floats, count: int = 8) -> Floats:
    """`(..., 17)` -> `(...)`: of a person's `count` best scores, which someone half hidden has."""
    return np.sort(scores, axis=-1)[..., -count:].mean(axis=-1)
