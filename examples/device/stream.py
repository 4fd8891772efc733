"""Lifts the 2D keypoints of a video to 3D joints frame by frame, with LiteRT and NumPy alone.

    python stream.py --model=lifter.tflite --detections=balance.npz > joints.csv

Prints the joints of every frame as CSV: metres, in camera space (x right, y down, z forward),
relative to the root joint. At the end, the time of a frame goes to standard error.
"""

import argparse
import contextlib
import json
import pathlib
import sys
import time
import zipfile

import numpy as np
from ai_edge_litert.interpreter import Interpreter

LARGEST_METADATA, LARGEST_DETECTIONS = 10**6, 10**8  # bytes


class InputError(Exception):
    """Input that cannot be used; says in one line what is wrong."""


class Stream:
    """One person, frame by frame; all that is remembered between frames is a dict of arrays.

    Args:
      model: the content of a TFLite file with the signature `stream_step`.
      threads: how many the interpreter may use.
    """

    def __init__(self, model: bytes, threads: int = 1):
        interpreter = Interpreter(model_content=model, num_threads=threads)
        self._step = interpreter.get_signature_runner("stream_step")
        self.reset()

    def reset(self) -> None:
        """Forgets all frames: what comes next begins a stream."""
        self._state = {
            name: np.zeros(tensor["shape"], tensor["dtype"])
            for name, tensor in self._step.get_input_details().items()
            if name.startswith("state_")
        }

    def push(self, keypoints, visibility, image_size) -> np.ndarray:
        """Joints `(J, 3)` of the next frame.

        Args:
          keypoints: `(J, 2)` float32 pixels; NaN where unseen.
          visibility: `(J,)` float32 scores from 0, unseen, to 1.
          image_size: `(2,)` float32, width and height in pixels.
        """
        outputs = self._step(
            keypoints=keypoints[np.newaxis, np.newaxis],
            visibility=visibility[np.newaxis, np.newaxis],
            image_size=image_size[np.newaxis],
            **self._state,
        )
        self._state = {name: outputs[name] for name in self._state}
        return outputs["joints"][0, 0]


def read_metadata(path: str) -> dict:
    """What the model says of itself: a zip archive at the end of its file."""
    with reading(path, "a TFLite file of anatomy-tf"):
        with zipfile.ZipFile(path) as archive, archive.open("metadata.json") as file:
            metadata = json.loads(file.read(LARGEST_METADATA))
        if "stream_step" not in metadata["signatures"]:
            raise InputError(f"{path}: the model is not causal, it cannot run frame by frame")
        metadata["joint_names"] = [str(name) for name in metadata["joint_names"]]
    return metadata


def read_detections(path: str, joints: int) -> list[np.ndarray]:
    """`(T, J, 2)` keypoints in pixels, `(T, J)` visibility, `(2,)` width and height of the image;
    float32.
    """
    names = ("keypoints", "visibility", "image_size")
    with reading(path, "an .npz file of numbers"):
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_DETECTIONS:
                raise InputError(f"{path}: holds more than {LARGEST_DETECTIONS} bytes")
        with np.load(path, allow_pickle=False) as archive:
            for name in names:
                if name not in archive.files:
                    raise InputError(f"{path}: {name} is missing")
            arrays = [archive[name].astype(np.float32) for name in names]
    frames = len(arrays[0]) if arrays[0].ndim else 0
    shapes = ((frames, joints, 2), (frames, joints), (2,))
    for name, array, shape in zip(names, arrays, shapes, strict=True):
        if array.shape != shape or array.size == 0:
            raise InputError(f"{path}: {name} has shape {array.shape}, expected {shape}")
    return arrays


@contextlib.contextmanager
def reading(path: str, kind: str):
    """Whatever goes wrong inside becomes one line about the file."""
    try:
        yield
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    except Exception as error:  # zipfile and NumPy raise many kinds for what they cannot read
        raise InputError(f"{path}: not {kind}, or damaged") from error


def main() -> None:
    """Lifts what the flags say."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="TFLite file of a causal model")
    parser.add_argument("--detections", required=True, help=".npz file, see README.md")
    parser.add_argument("--threads", type=int, default=1, help="1 is the fastest for one person")
    arguments = parser.parse_args()
    names = read_metadata(arguments.model)["joint_names"]
    detections, visibility, image_size = read_detections(arguments.detections, len(names))
    with reading(arguments.model, "a TFLite file of anatomy-tf"):
        stream = Stream(pathlib.Path(arguments.model).read_bytes(), arguments.threads)

    print("frame,joint,x,y,z")
    milliseconds = []
    for frame in range(len(detections)):
        start = time.perf_counter()
        joints = stream.push(detections[frame], visibility[frame], image_size)
        milliseconds.append(1000 * (time.perf_counter() - start))
        for name, (x, y, z) in zip(names, joints, strict=True):
            print(f"{frame},{name},{x:.4f},{y:.4f},{z:.4f}")
    median, slowest = np.percentile(milliseconds, [50, 99])
    print(
        f"{len(detections)} frames: {median:.3f} ms a frame, p99 {slowest:.3f} ms", file=sys.stderr
    )


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"stream.py: {error}")
