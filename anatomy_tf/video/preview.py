"""A small copy of a video, for a page that shows it beside its poses."""

from __future__ import annotations

import contextlib
import pathlib
import tempfile
from collections.abc import Iterator

import numpy as np

from anatomy_tf.data.detections.source_video import SourceVideo
from anatomy_tf.video.decoding import Picture, Video, pictures_at
from anatomy_tf.video.encoding import write_mp4

_SIDE = 480
_QUALITY = 28


def preview(video: SourceVideo, fps: float) -> bytes:
    """An `.mp4` with a picture for every frame, `fps` a second, at most 480 pixels long and wide.

    Raises:
      InputError: the video cannot be read again.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "preview.mp4"
        write_mp4(_small(video), fps, path, _QUALITY)
        return path.read_bytes()


def _small(video: SourceVideo) -> Iterator[Picture]:
    from PIL import Image

    with contextlib.closing(pictures_at(Video(video.path), video.times)) as pictures:
        for picture in pictures:
            image = Image.fromarray(picture)
            image.thumbnail((_SIDE, _SIDE), Image.Resampling.BILINEAR)
            yield np.asarray(image)
