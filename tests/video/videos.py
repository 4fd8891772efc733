"""Small videos of any kind, made on the spot."""

import fractions
import pathlib
from collections.abc import Iterable, Sequence

import av
import numpy as np

from anatomy_tf.shipped import sample_video
from anatomy_tf.video.decoding import Video

WIDTH, HEIGHT = 96, 64


def grey_pictures(count: int, width: int = WIDTH, height: int = HEIGHT) -> list[np.ndarray]:
    """Pictures that get lighter; the upper left corner is red, so that turns can be seen."""
    pictures = []
    for i in range(count):
        picture = np.full((height, width, 3), 40 + 3 * i, np.uint8)
        picture[: height // 4, : width // 4] = (255, 0, 0)
        pictures.append(picture)
    return pictures


def write_video(
    path: pathlib.Path,
    pictures: Iterable[np.ndarray],
    times: Sequence[float] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    fps: int = 30,
) -> pathlib.Path:
    """A video with a picture at each of `times` in seconds; without, `fps` a second."""
    pictures = list(pictures)
    ticks = [round(90_000 * time) for time in times or [i / fps for i in range(len(pictures))]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.time_base = fractions.Fraction(1, 90_000)
        stream.codec_context.time_base = stream.time_base
        for picture, tick in zip(pictures, ticks, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = tick, stream.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_short_sample(path: pathlib.Path) -> pathlib.Path:
    """Every fifth picture of the video that ships, at 12 a second."""
    pictures = [frame.picture for frame in Video(sample_video()).frames()]
    return write_video(path, pictures[::5], fps=12)


def turn_file(path: pathlib.Path, matrix: Sequence[int]) -> pathlib.Path:
    """Changes the display matrix (a, b, c, d) in an .mp4, as phones held upright set it."""
    content = bytearray(path.read_bytes())
    # After the name: version and flags, times, layer and volume.
    start = content.index(b"tkhd") + 4 + 4 + 20 + 16
    for place, value in zip((0, 1, 3, 4), matrix, strict=True):
        entry = int(value * 65536).to_bytes(4, "big", signed=True)
        content[start + 4 * place : start + 4 * place + 4] = entry
    path.write_bytes(bytes(content))
    return path
