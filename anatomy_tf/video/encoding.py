"""Pictures -> a video file that every browser and phone plays."""

from __future__ import annotations

import fractions
import pathlib
from collections.abc import Iterable

import numpy as np

from anatomy_tf.errors import InputError
from anatomy_tf.video.decoding import Picture

_CODEC = "libx264"
_KEY_PICTURES = 1.0
"""Seconds between two of them, which a player can go to at once."""


def write_mp4(
    pictures: Iterable[Picture], fps: float, path: pathlib.Path, quality: int = 23
) -> None:
    """Writes pictures of one size as H.264, at an even rate.

    Args:
      quality: the encoder's rate factor: 18 can hardly be told from the original, 30 is small.

    Raises:
      InputError: this build of PyAV has no encoder of H.264.
    """
    import av

    if _CODEC not in av.codecs_available:
        raise InputError(f"{path}: this build of PyAV has no {_CODEC}, which writes .mp4")
    rate = fractions.Fraction(fps).limit_denominator(1001)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream(_CODEC, rate=rate)
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(quality), "preset": "veryfast"}
        stream.gop_size = max(1, round(_KEY_PICTURES * fps))
        for i, picture in enumerate(pictures):
            even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
            if not i:
                stream.height, stream.width = even.shape[:2]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
            frame.pts = i
            frame.time_base = 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
