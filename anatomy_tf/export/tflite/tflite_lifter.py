"""A TFLite file at work: what devices do with it, on this machine."""

from __future__ import annotations

import importlib
import pathlib
from collections.abc import Iterator

import numpy as np

from anatomy_tf.data.clip import Clip
from anatomy_tf.errors import InputError
from anatomy_tf.export.description.describe import read_metadata
from anatomy_tf.export.signatures import STATE
from anatomy_tf.inference.lift import check_joints
from anatomy_tf.skeleton import Skeleton

Outputs = dict[str, np.ndarray]


class TfliteLifter:
    """Runs a file that `write_tflite` wrote: whole clips as `ClipLifter` does, or frame by frame.

    A keypoint with visibility 0 counts as not seen, whatever its place: see `ClipSignature` and
    `StreamSignature`.

    Attributes:
      metadata: what the file says of itself.
      skeleton: the joints it takes.
      frames: how long clips may be; None is any length.
      causal: whether it runs frame by frame.

    Args:
      path: the file.
      threads: how many the interpreter may use.

    Raises:
      InputError: the interpreter is not installed; the file is missing, damaged, or not of this
        project.
    """

    def __init__(self, path: pathlib.Path | str, threads: int = 1):
        if threads < 1:
            raise InputError(f"threads: must be positive, got {threads}")
        interpreter_class = load_interpreter()
        self.metadata = read_metadata(path)
        fields = ("joint_names", "parents", "left", "right")
        try:
            # Read here, since the interpreter would keep the file open and mapped.
            content = pathlib.Path(path).read_bytes()
            self.skeleton = Skeleton.from_config({name: self.metadata[name] for name in fields})
            names = self.metadata.get("keypoint_names", self.metadata["joint_names"])
            interpreter = interpreter_class(model_content=content, num_threads=threads)
            self.causal = "stream_step" in interpreter.get_signature_list()
            self._lift = interpreter.get_signature_runner("lift")
            self._step = interpreter.get_signature_runner("stream_step") if self.causal else None
            keypoints = self._lift.get_input_details()["keypoints"]["shape_signature"].tolist()
        except (OSError, ValueError, TypeError, LookupError, RuntimeError) as error:
            raise InputError(f"{path}: not a TFLite file of this project, or damaged") from error
        if list(names) != list(self.skeleton.joint_names):
            raise InputError(f"{path}: takes other keypoints than the joints that clips have")
        if keypoints[2:] != [self.skeleton.num_joints, 2]:
            raise InputError(f"{path}: its metadata are those of another model")
        self.frames = keypoints[1] if keypoints[1] > 0 else None

    def __call__(self, clip: Clip) -> Outputs:
        """As `ClipLifter` gives: `joints (T, J, 3)` and, but for baselines, `directions` and
        `lengths`.

        Raises:
          InputError: the clip's joints are not the model's, or it is too long for the file.
        """
        length = len(clip)
        frames = self.frames or length
        if length > frames:
            raise InputError(f"clip {clip.name}: {length} frames; the file takes {frames} at most")
        detections = self._detections(clip)
        for name in ("keypoints", "visibility"):
            values = detections[name]
            padding = [(0, frames - length), *[(0, 0)] * (values.ndim - 1)]
            detections[name] = np.pad(values, padding)[np.newaxis]
        outputs = self._lift(**detections, frames=np.array([length], np.int32))
        return {
            name: value[0, :length] if value.ndim > 2 else value[0]
            for name, value in outputs.items()
        }

    def stream(self, clip: Clip) -> Iterator[Outputs]:
        """Frame by frame: `joints (J, 3)` and, but for baselines, `directions (K, 3)` and
        `lengths (K,)`.

        Several may run in turns; each has its own memory.

        Raises:
          InputError: the clip's joints are not the model's, or the model is not causal.
        """
        if self._step is None:
            raise InputError("streaming needs a causal model; the one in this file is not")
        detections = self._detections(clip)
        state = {
            name: np.zeros(details["shape"], details["dtype"])
            for name, details in self._step.get_input_details().items()
            if name.startswith(STATE)
        }
        frames = [detections.pop(name) for name in ("keypoints", "visibility")]
        for keypoints, visibility in zip(*frames, strict=True):
            outputs = self._step(
                keypoints=keypoints[np.newaxis, np.newaxis],
                visibility=visibility[np.newaxis, np.newaxis],
                **detections,
                **state,
            )
            state = {name: outputs.pop(name) for name in state}
            yield {name: value[0, 0] for name, value in outputs.items()}

    def _detections(self, clip: Clip) -> Outputs:
        check_joints(clip, self.skeleton)
        return {
            "keypoints": clip.keypoints.astype(np.float32),
            "visibility": clip.visibility.astype(np.float32),
            "image_size": np.array([clip.resolution], np.float32),
            **self._focal(clip),
        }

    def _focal(self, clip: Clip) -> Outputs:
        """The focal length, where the model reads it."""
        if "focal" not in self._lift.get_input_details():
            return {}
        return {"focal": np.array([clip.screen_focal() * clip.resolution[0] / 2], np.float32)}


def load_interpreter() -> type:
    """LiteRT's `Interpreter`.

    Raises:
      InputError: it is not installed.
    """
    try:
        return importlib.import_module("ai_edge_litert.interpreter").Interpreter
    except ImportError as error:
        hint = "pip install ai-edge-litert"
        raise InputError(f"TFLite files need their interpreter: {hint}") from error
