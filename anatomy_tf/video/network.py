"""A network of the 2D detector: a TFLite file, run by LiteRT."""

from __future__ import annotations

import pathlib

import numpy as np
import numpy.typing as npt

from anatomy_tf.native_output import silent_standard_error

_THREADS = 2


class Network:
    """Takes one square picture, and gives one array.

    Attributes:
      side: of the picture, in pixels.
    """

    def __init__(self, path: pathlib.Path):
        from ai_edge_litert.interpreter import Interpreter

        with silent_standard_error():  # it says which delegate it makes
            self._interpreter = Interpreter(model_path=str(path), num_threads=_THREADS)
            self._interpreter.allocate_tensors()
        taken = self._interpreter.get_input_details()[0]
        self._taken, self._type = taken["index"], taken["dtype"]
        self._given = self._interpreter.get_output_details()[0]["index"]
        self.side = int(taken["shape"][1])

    def __call__(self, picture: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
        """What the network gives for `(side, side, 3)`, without the axis of the batch."""
        self._interpreter.set_tensor(self._taken, picture[np.newaxis].astype(self._type))
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._given)[0], np.float32)
