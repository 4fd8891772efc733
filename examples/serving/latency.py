"""How long a SavedModel takes for a request, without a server around it: what is the model's own
share.
"""

import argparse
import statistics
import time

import tensorflow as tf

FRAMES = 100


def milliseconds(function, seconds: float = 3.0) -> float:
    """Median of as many calls as fit, after some that do not count."""
    for _ in range(3):
        function()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def inputs(signature, batch: int, frames: int) -> dict[str, tf.Tensor]:
    """A request with `frames` frames of all-seen keypoints, and a stream's state before its first
    frame.
    """
    tensors = {}
    for name, spec in signature.structured_input_signature[1].items():
        given = [batch, frames, 0, 0]
        shape = [size or given[axis] for axis, size in enumerate(spec.shape.as_list())]
        value = {"image_size": 1000, "visibility": 1, "frames": -1}.get(name, 0)
        tensors[name] = tf.cast(tf.fill(shape, value), spec.dtype)
    shape = tensors["keypoints"].shape
    tensors["keypoints"] = tf.random.stateless_uniform(shape, (1, 2), maxval=1000.0)
    return tensors


def measure(signature, batch: int, frames: int) -> str:
    """Milliseconds of a request, and frames lifted a second."""
    request = inputs(signature, batch, frames)
    time_ms = milliseconds(lambda: [value.numpy() for value in signature(**request).values()])
    return f"{time_ms:.1f} | {batch * frames / time_ms * 1000:,.0f}"


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saved_model", required=True, help="folder, like serving/anatomy/1")
    signatures = tf.saved_model.load(parser.parse_args().saved_model).signatures
    print("| request | ms | frames a second |\n| --- | ---: | ---: |")
    for clips in (1, 8, 32):
        row = measure(signatures["lift"], clips, FRAMES)
        print(f"| `lift`, {FRAMES} frames of {clips} clips | {row} |", flush=True)
    if "stream" in signatures:
        for streams in (1, 16, 64):
            row = measure(signatures["stream"], streams, 1)
            print(f"| `stream`, a frame of {streams} streams | {row} |", flush=True)
        state = inputs(signatures["stream"], 1, 1)
        size = sum(value.numpy().nbytes for n, value in state.items() if n.startswith("state_"))
        print(f"\nThe state of a stream has {size:,} bytes.")


if __name__ == "__main__":
    main()
