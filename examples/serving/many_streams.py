"""What one instance holds that lifts many people's live video: memory of the model and of the
people's states, and how many people it keeps up with, in batches as a server makes them.

The states are kept in this process. A server for whom clients keep them has the same work.
"""

import argparse
import pathlib
import re
import statistics
import time

import numpy as np
import tensorflow as tf


def resident_mib(kind: str = "VmRSS") -> float:
    """Memory of this process, or the most that it had (`VmHWM`)."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(rf"{kind}:\s+(\d+)", status)[1]) / 1024


class People:
    """The states of people, and a `stream` signature that lifts the next frame of all of them."""

    def __init__(self, signature, people: int):
        self.signature, self.people = signature, people
        self.inputs = specs = signature.structured_input_signature[1]
        self.states = {
            name: np.zeros([people, *spec.shape[1:]], spec.dtype.as_numpy_dtype)
            for name, spec in specs.items()
            if name.startswith("state_")
        }
        rng = np.random.default_rng(0)
        joints = specs["keypoints"].shape[2]
        self.keypoints = rng.uniform(0, 1000, (people, 1, joints, 2)).astype(np.float32)

    def bytes_of_one(self) -> int:
        """Of a person's state."""
        return sum(state[0].nbytes for state in self.states.values())

    def lift_a_frame(self, batch: int) -> None:
        """The next frame of everyone, `batch` people at a time."""
        for start in range(0, self.people, batch):
            part = slice(start, min(start + batch, self.people))
            count = part.stop - start
            request = {
                "keypoints": self.keypoints[part],
                "image_size": np.full((count, 2), 1000, np.float32),
                "visibility": np.ones(self.keypoints[part].shape[:3], np.float32),
                "focal": np.full(count, 1000, np.float32),
                **{name: state[part] for name, state in self.states.items()},
            }
            request = {name: tf.constant(request[name]) for name in self.inputs}
            answer = self.signature(**request)
            for name, state in self.states.items():
                state[part] = answer[name].numpy()
            answer["joints"].numpy()


def main() -> None:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saved_model", required=True, help="folder, like serving/anatomy/1")
    parser.add_argument("--people", type=int, default=1000, help="people who are lifted")
    parser.add_argument("--batches", default="1,16,64,256", help="people in a batch, each in turn")
    parser.add_argument("--rounds", type=int, default=5, help="frames of everyone")
    parser.add_argument("--fps", type=float, default=30, help="of the people's video")
    given = parser.parse_args()

    batches = [int(batch) for batch in given.batches.split(",")]
    memory = {"TensorFlow": resident_mib()}
    signature = tf.saved_model.load(given.saved_model).signatures["stream"]
    memory["and the model"] = resident_mib()
    People(signature, 1).lift_a_frame(1)
    memory["and a first request"] = resident_mib()
    everyone = People(signature, given.people)
    seconds, work = ({batch: [] for batch in batches} for _ in range(2))
    for round_number in range(given.rounds + 1):  # the first one does not count
        for batch in batches:  # in turns, so that what else the machine does hits all
            start, used = time.perf_counter(), time.process_time()
            everyone.lift_a_frame(batch)
            if round_number:
                seconds[batch].append(time.perf_counter() - start)
                work[batch].append(time.process_time() - used)
    memory[f"and {given.people:,} people, at most"] = resident_mib("VmHWM")

    print("| memory of the process with | MiB |\n| -- | -: |")
    for name, mib in memory.items():
        print(f"| {name} | {mib:,.0f} |")
    one = everyone.bytes_of_one()
    every = given.people * one / 2**20
    print(f"\nThe state of a person has {one:,} bytes; of {given.people:,}, {every:,.0f} MiB.\n")
    print(f"| people in a batch | frames a second | people at {given.fps:g} fps | CPU ms a frame |")
    print("| -: | -: | -: | -: |")
    for batch in batches:
        rate = given.people / statistics.median(seconds[batch])
        cpu = 1000 * statistics.median(work[batch]) / given.people
        print(f"| {batch} | {rate:,.0f} | {rate / given.fps:,.0f} | {cpu:.3f} |")


if __name__ == "__main__":
    main()
