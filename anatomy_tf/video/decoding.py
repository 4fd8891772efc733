"""The pictures of a video file, upright and with their own times."""

from __future__ import annotations

import contextlib
import dataclasses
import fractions
import pathlib
import struct
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from anatomy_tf.errors import InputError
from anatomy_tf.video.installation import check_video_packages

if TYPE_CHECKING:
    import av
    from av.video.reformatter import VideoReformatter

Picture = npt.NDArray[np.uint8]
"""`(height, width, 3)` red, green, blue."""

_MOST_PIXELS = 7680 * 4320
_NO_VIDEOS = ("image2", "tty")
_SAME_TIME = 0.002  # seconds
_MOST_DAMAGED = 1000
"""Packets that cannot be decoded, before a file is given up."""


@dataclasses.dataclass(frozen=True)
class Frame:
    """A picture, and the seconds since the first one at which it is shown."""

    time: float
    picture: Picture


class Video:
    """A video file. Its pictures are turned as players turn them, and have square pixels.

    Attributes:
      resolution: (width, height) in pixels, once turned.
      expected_frames: by what the file says, which may be wrong; None where it says nothing.
      notes: what was noticed while decoding, a line each.

    Raises:
      InputError: no such file, no video, an image, or nothing to see in it.
    """

    def __init__(self, path: pathlib.Path | str):
        check_video_packages()
        self.path = pathlib.Path(path)
        self.notes: list[str] = []
        with self._open() as container:
            stream = _stream(container, self.path)
            self.expected_frames = _expected_frames(container, stream)
        with contextlib.closing(self.frames()) as frames:
            first = next(frames)
        self.resolution = (first.picture.shape[1], first.picture.shape[0])

    def frames(self) -> Generator[Frame, None, None]:
        """The pictures in the order of time.

        Raises:
          InputError: there is none, or the size changes.
        """
        from av.video.reformatter import VideoReformatter

        convert = VideoReformatter()  # one for all frames: each has its own threads
        for time, frame, aspect in self._timed():
            yield Frame(time, _upright(frame, aspect, convert))

    def times(self) -> npt.NDArray[np.float64]:
        """`(T,)` when the pictures are shown, without making them; raises as `frames`."""
        return np.array([time for time, _, _ in self._timed()])

    def _timed(self) -> Iterator[tuple[float, Any, fractions.Fraction | None]]:
        """Decoded frames with their times, and how wide a pixel is."""
        count = damaged = doubled = 0
        start, last = 0.0, -1.0
        size: tuple[int, int, bool] | None = None
        with self._open() as container:
            stream = _stream(container, self.path)
            stream.thread_type = "AUTO"
            rate = stream.average_rate or stream.guessed_rate or fractions.Fraction(30)
            for frame, bad in _decoded(container, stream):
                damaged += bad
                if damaged > _MOST_DAMAGED:
                    raise InputError(f"{self.path}: cannot be decoded")
                if frame is None:
                    continue
                time = last + float(1 / rate) if frame.time is None else frame.time - start
                if not count:
                    start, time = (frame.time or 0.0), 0.0
                if time <= last:
                    doubled += 1
                    continue
                now = (frame.width, frame.height, bool(_display_matrix(frame)[1]))
                if frame.width * frame.height > _MOST_PIXELS:
                    raise InputError(
                        f"{self.path}: pictures of {frame.width} x {frame.height} pixels are too "
                        "large"
                    )
                if size not in (None, now):
                    raise InputError(
                        f"{self.path}: the pictures' size changes after {time:.2f} seconds"
                    )
                size, last, count = now, time, count + 1
                yield time, frame, stream.sample_aspect_ratio
        if not count:
            raise InputError(f"{self.path}: there is no picture in it that can be decoded")
        self._say_what_is_missing(count, damaged, doubled)

    def _say_what_is_missing(self, count: int, damaged: int, doubled: int) -> None:
        self.notes.clear()
        expected = self.expected_frames
        if damaged:
            self.notes.append(f"damaged: {damaged} packets of the video could not be decoded")
        if doubled:
            self.notes.append(f"left out: {doubled} pictures at the time of the one before")
        if expected and count + doubled < 0.9 * expected:
            self.notes.append(
                f"the video ends after {count} pictures of about {expected}: cut off?"
            )

    @contextlib.contextmanager
    def _open(self) -> Iterator[av.container.InputContainer]:
        import av

        if not self.path.is_file():
            reason = "is a folder" if self.path.is_dir() else "file not found"
            raise InputError(f"{self.path}: {reason}")
        av.logging.set_libav_level(av.logging.PANIC)
        try:
            # A playlist is a file too, and names others: nothing is asked of a network.
            container = av.open(str(self.path), options={"protocol_whitelist": "file"})
        except (av.FFmpegError, OSError, ValueError) as error:
            raise InputError(
                f"{self.path}: no video that can be read, or cut off ({_reason(error)})"
            ) from error
        with container:
            if container.format.name.endswith("_pipe") or container.format.name in _NO_VIDEOS:
                raise InputError(f"{self.path}: an image, and no video")
            yield container


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _stream(container: Any, path: pathlib.Path) -> Any:
    """The first video stream that is not a cover picture."""
    from av.stream import Disposition

    for stream in container.streams.video:
        if Disposition.attached_pic not in stream.disposition:
            return stream
    raise InputError(f"{path}: there is no video in it, only sound or data")


def _expected_frames(container: Any, stream: Any) -> int | None:
    if stream.frames:
        return int(stream.frames)
    if container.duration and stream.average_rate:
        return round(container.duration / 1e6 * float(stream.average_rate))
    return None


def _decoded(container: Any, stream: Any) -> Iterator[tuple[Any, int]]:
    """Decoded frames, or None, and how many packets were damaged before each."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.FFmpegError, OSError):
            yield None, 1
            return  # the file ends here
        try:
            for frame in packet.decode():
                yield frame, 0
        except av.EOFError:
            return
        except av.FFmpegError:
            yield None, 1


def _upright(frame: Any, aspect: fractions.Fraction | None, convert: VideoReformatter) -> Picture:
    width, height = frame.width, frame.height
    if aspect and aspect > 0 and aspect != 1:
        width = max(1, round(width * float(aspect)))
    picture = np.asarray(convert.reformat(frame, width, height, "rgb24").to_ndarray(), np.uint8)
    return turned(picture, _display_matrix(frame))


def _display_matrix(frame: Any) -> tuple[int, int, int, int]:
    """Signs (a, b, c, d): the pixel (x, y) is shown at (a x + c y, b x + d y)."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return 1, 0, 0, 1
    values = struct.unpack("<9i", bytes(data)[:36])
    signs = [int(np.sign(round(values[place] / 65536))) for place in (0, 1, 3, 4)]
    a, b, c, d = signs
    if (a and d and not b and not c) or (b and c and not a and not d):
        return a, b, c, d
    return 1, 0, 0, 1  # no turn by quarters


def turned(picture: Picture, matrix: tuple[int, int, int, int]) -> Picture:
    """A picture as a display matrix of quarter turns and mirrors shows it."""
    a, b, c, d = matrix
    if b and c:
        picture = np.swapaxes(picture, 0, 1)
        a, d = c, b
    if a < 0:
        picture = picture[:, ::-1]
    if d < 0:
        picture = picture[::-1]
    return np.ascontiguousarray(picture)


def pictures_at(video: Video, times: npt.NDArray[np.float64]) -> Generator[Picture, None, None]:
    """For each of the ascending `(T,)` times, in seconds, the picture that is shown then.

    Raises:
      InputError: as `Video.frames`.
    """
    with contextlib.closing(video.frames()) as frames:
        shown = next(frames)
        coming: Frame | None = shown
        for time in times.tolist():
            while coming is not None and coming.time <= time + _SAME_TIME:
                shown = coming
                coming = next(frames, None)
            yield shown.picture
