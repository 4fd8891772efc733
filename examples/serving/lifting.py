"""What both clients do with a server: lift the clip in a file as a whole, or frame by frame."""

import argparse
import sys
import zipfile
from collections.abc import Callable
from typing import Protocol

import numpy as np

Arrays = dict[str, np.ndarray]


class Client(Protocol):
    """Asks a model on a server."""

    def predict(self, signature: str, inputs: Arrays) -> Arrays:
        """All outputs of a signature."""

    def first_state(self) -> Arrays:
        """The state of one stream before its first frame, or nothing where the server
        fills it in.
        """


def main(description: str, server: str, client: Callable[[str, str], Client]) -> None:
    """Lifts the file that the command line names.

    Args:
      server: where the server is by default.
      client: makes one of the server's address and the model's name.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--detections", required=True, help="file, see README.md")
    parser.add_argument("--server", default=server, help=f"default: {server}")
    parser.add_argument("--model", default="anatomy", help="its name; default: anatomy")
    parser.add_argument("--stream", action="store_true", help="frame by frame: causal models")
    arguments = parser.parse_args()
    clip = read_detections(arguments.detections)
    lift = lift_stream if arguments.stream else lift_clip
    lift(client(arguments.server, arguments.model), clip)


def read_detections(path: str) -> Arrays:
    """One clip: `keypoints (1, T, J, 2)` pixels, NaN where unseen; `visibility (1, T, J)`;
    `image_size (1, 2)`.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            names = ("keypoints", "visibility", "image_size")
            clip = {name: np.asarray(file[name], np.float32)[np.newaxis] for name in names}
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: not a file of detections ({error})")
    shape = clip["keypoints"].shape
    if len(shape) != 4 or clip["visibility"].shape != shape[:3] or 0 in shape:
        sys.exit(f"{path}: keypoints have to be (T, J, 2), and visibility (T, J)")
    return clip


def lift_clip(client: Client, clip: Arrays) -> None:
    """Lifts the whole clip with one request."""
    frames = clip["keypoints"].shape[1]
    outputs = client.predict("lift", {**clip, "frames": np.array([frames], np.int32)})
    # A clip that shares a batch with a longer one comes back padded.
    for frame, joints in enumerate(outputs["joints"][0, :frames]):
        print_frame(frame, joints)


def lift_stream(client: Client, clip: Arrays) -> None:
    """Lifts frame by frame. The server remembers nothing: the state goes there and back."""
    state = client.first_state()
    for frame in range(clip["keypoints"].shape[1]):
        now = slice(frame, frame + 1)
        keypoints, visibility = clip["keypoints"][:, now], clip["visibility"][:, now]
        inputs = {**clip, "keypoints": keypoints, "visibility": visibility, **state}
        outputs = client.predict("stream", inputs)
        state = {name: value for name, value in outputs.items() if name.startswith("state_")}
        print_frame(frame, outputs["joints"][0, 0])


def print_frame(frame: int, joints: np.ndarray) -> None:
    """Prints the first of the joints, `(J, 3)` metres."""
    first = "  ".join(f"({x:6.3f} {y:6.3f} {z:6.3f})" for x, y, z in joints[:4])
    print(f"frame {frame:4d}: {first} ...", flush=True)
