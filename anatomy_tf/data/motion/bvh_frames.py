"""The frames of a Biovision file: a count, the time of a frame, and a line of numbers for each."""

from __future__ import annotations

import dataclasses
import io
import pathlib
import re

import numpy as np

from anatomy_tf.data.motion.motion_text import numbers
from anatomy_tf.errors import InputError

_COUNT = re.compile(r"\s*Frames\s*:\s*(\d{1,18})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_TIME = re.compile(r"\s*Frame\s+Time\s*:\s*(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class BvhFrames:
    """What follows `MOTION`.

    Args:
      fps: frames per second.
      values: `(T, C)` of the channels.
      notes: what does not agree with what the file says.
    """

    fps: float
    values: np.ndarray
    notes: tuple[str, ...]


def read_bvh_frames(
    path: pathlib.Path, text: str, start: int, channels: int, fps: float | None
) -> BvhFrames:
    """Reads the frames that begin at `start`.

    All whole lines are motion, whatever the count says: some tools are wrong by one, and a file
    that was cut short is good up to there.

    Args:
      channels: numbers of a line.
      fps: frames per second, instead of the file's.

    Raises:
      InputError: no line is whole, one before the last is not, or the rate is none; names the
        place.
    """
    count = _COUNT.match(text, start)
    time = count and _TIME.match(text, count.end())
    if not time:
        raise InputError(f"{path}: MOTION: 'Frames:' and 'Frame Time:' have to follow")
    rate, rate_notes = (_told_fps(path, time[1]), ()) if fps is None else (fps, ("rate as given",))
    if not channels:
        raise InputError(f"{path}: no joint has channels")
    body = text[time.end() :]
    if not body.strip():
        raise InputError(f"{path}: says {count[1]} frames, has none")
    values, cut = _lines(path, body, channels)
    if not cut and (_is_cut(body) or (len(values) < int(count[1]) and body[-1] != "\n")):
        values, cut = values[:-1], True
    if not len(values):
        raise InputError(f"{path}: MOTION: cut short: the only frame is not whole")
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        frame = np.flatnonzero(~finite)[0]
        raise InputError(f"{path}: MOTION: frame {frame} is not finite")
    notes = []
    if len(values) != int(count[1]):
        notes.append(f"the file says {count[1]} frames and has {len(values)} whole ones")
    if cut:
        notes.append("cut short: its last line is not whole and was left out")
    return BvhFrames(rate, values, (*rate_notes, *notes))


def _told_fps(path: pathlib.Path, word: str) -> float:
    (seconds,) = numbers([word], 1, f"{path}: Frame Time")
    if seconds <= 0:
        raise InputError(
            f"{path}: Frame Time: {seconds:g} is not positive; --bvh_fps gives frames per second"
        )
    return 1 / seconds


def _lines(path: pathlib.Path, body: str, channels: int) -> tuple[np.ndarray, bool]:
    """`(T, C)` of the whole lines, and whether there is another one that is not whole."""
    cut = False
    try:
        values = _parse(body)
    except ValueError as error:
        whole, _, last = body.rstrip().rpartition("\n")
        words = last.split()
        try:
            # Cut short: not more than a line has, and numbers but for the last word.
            numbers(words[:-1], min(len(words), channels) - 1, "the last line")
            values, cut = _parse(whole), True
        except ValueError:
            reason = str(error).splitlines()[0].split(";")[0]
            raise InputError(f"{path}: MOTION: damaged ({reason})") from error
    if values.shape[1] != channels:
        raise InputError(
            f"{path}: MOTION: {values.shape[1]} numbers a frame for {channels} channels"
        )
    return values, cut


def _is_cut(body: str) -> bool:
    """Whether the file ends within its last number, so that the line still has all of them: it has
    fewer decimals than the others, and no end of line.
    """
    decimals = [len(word.partition(".")[2]) for word in body.rpartition("\n")[2].split()]
    return len(decimals) > 1 and decimals[-1] < min(decimals[:-1])


def _parse(lines: str) -> np.ndarray:
    if not lines.strip():
        raise ValueError("no whole line")
    return np.loadtxt(io.StringIO(lines), np.float64, comments="#", ndmin=2)
