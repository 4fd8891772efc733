"""Prints how many bytes a signature of a TFLite file takes above those of a process with its
interpreter.

Run as a file, with the TFLite file, the signature and a number of frames, so that nothing else is
imported.
"""

import pathlib
import re
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def main(path: str, signature: str, frames: int) -> None:
    """Lifts zeros, and prints what that took."""
    before = largest_bytes()
    run = Interpreter(path, num_threads=1).get_signature_runner(signature)
    inputs = {}
    for name, details in run.get_input_details().items():
        shape = np.maximum(details["shape_signature"], 1)
        if signature == "lift" and name in ("keypoints", "visibility"):
            shape[1] = frames
        inputs[name] = np.zeros(shape, details["dtype"])
    if "frames" in inputs:
        inputs["frames"][:] = frames
    for _ in range(3):
        run(**inputs)
    print(largest_bytes() - before)


def largest_bytes() -> int:
    """The most memory that this process had so far."""
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status)[1])


if __name__ == "__main__":
    main(*sys.argv[1:3], int(sys.argv[3]))
