"""Fields of parsed files, checked for what they should be before anything is made of them."""

from __future__ import annotations

import math
import re

import numpy as np

from anatomy_tf.errors import InputError

_NUMBERS = {int, float, np.float16, np.float32, np.float64, np.int32, np.int64}
_NUMBERS_OR_NONE = _NUMBERS | {type(None)}
_END_DIGITS = re.compile("(?<![0-9])[0-9]{1,15}$")
MAX_WHOLE = 2**53
"""Where floats stop telling whole numbers apart."""
LARGEST = 1e15
"""Beyond any pixel, frame rate or score; what others compute with smaller ones does not overflow.
"""


def field(entry: object, name: str, where: str) -> object:
    """The value of a field.

    Raises:
      InputError: the entry is no object, or lacks the field.
    """
    if not isinstance(entry, dict):
        raise InputError(f"{where}: expected an object with {name}, found {shown(entry)}")
    if name not in entry:
        raise InputError(f"{where}: {name} is missing")
    return entry[name]


def items(value: object, where: str) -> list:
    """A list, or an array's items as a list.

    Raises:
      InputError: it is something else.
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return list(value)
    if not isinstance(value, list):
        raise InputError(f"{where}: expected a list, found {shown(value)}")
    return value


def listed(value: object, where: str) -> list:
    """As `items`, with no items for null and NaN."""
    nothing = value is None or (isinstance(value, float) and value != value)
    return [] if nothing else items(value, where)


def present(value: object, where: str) -> list:
    """As `listed`, without what is null in the list."""
    return [item for item in listed(value, where) if item is not None]


def numbers(
    values: object, shape: tuple[int, ...], where: str, missing: bool = False
) -> np.ndarray:
    """Nested lists of numbers, or an array, as finite float64 of this shape.

    Args:
      missing: NaN, null and empty lists stand for what was not found, and come as NaN.

    Raises:
      InputError: another shape, or anything but finite numbers.
    """
    flat = (
        [None] * math.prod(shape) if missing and values is None else _flat(values, shape, missing)
    )
    allowed = _NUMBERS_OR_NONE if missing else _NUMBERS
    try:
        # Types are looked at first: NumPy would take text for numbers, and make room for the
        # longest of it.
        if flat is None or not allowed.issuperset(map(type, flat)):
            raise TypeError
        array = np.array(flat, np.float64)
    except (TypeError, OverflowError) as error:
        count = " x ".join(map(str, shape)) + " numbers" if shape else "a number"
        wrong = next((v for v in flat or [] if type(v) not in allowed), None)
        which = "" if wrong is None or not shape else f" with {shown(wrong)} in it"
        raise InputError(f"{where}: expected {count}, found {shown(values)}{which}") from error
    within = np.abs(array) < LARGEST
    if not within.all() and not (missing and (within | np.isnan(array)).all()):
        raise InputError(f"{where}: not finite, or absurdly large")
    return array.reshape(shape)


def whole_number(value: object, where: str, lowest: int = 0) -> int:
    """A number from `lowest` that may be written as 3 or 3.0.

    Raises:
      InputError: it is something else.
    """
    number = type(value) in _NUMBERS and lowest <= value < MAX_WHOLE
    if not number or value != int(value):
        raise InputError(f"{where}: expected a whole number from {lowest}, found {shown(value)}")
    return int(value)


def track(number: object, where: str) -> int:
    """A person's number, the first of a list, however deep; -1 for what is none: null, -1, NaN.

    Raises:
      InputError: it is something else.
    """
    while isinstance(number, list):
        number = number[0] if number else None
    nothing = number is None or (type(number) in _NUMBERS and (number == -1 or number != number))
    return -1 if nothing else whole_number(number, where)


def numbered(name: str) -> tuple[str, int] | None:
    """A file's name without its ending, as what is before the number at its end, and the number.

    All digits at the end are the number: that of `25.jpg` is 25, of a video without a name.
    """
    stem = name.rsplit(".", 1)[0]
    match = _END_DIGITS.search(stem)
    return (stem[: match.start()], int(match[0])) if match else None


def resolution_of(value: object, where: str) -> tuple[int, int]:
    """A (width, height) out of a file; that it is positive is for `Detections` to check.

    Raises:
      InputError: it is something else.
    """
    width, height = numbers(value, (2,), f"{where}: resolution")
    return whole_number(width, f"{where}: resolution"), whole_number(height, f"{where}: resolution")


def video_of(content: dict, source: str) -> tuple[tuple[int, int] | None, float | None]:
    """`resolution` and `fps` of a file that may tell them.

    Raises:
      InputError: they are not what they should be.
    """
    resolution, fps = content.get("resolution"), content.get("fps")
    return (
        None if resolution is None else resolution_of(resolution, source),
        None if fps is None else float(numbers(fps, (), f"{source}: fps")),
    )


def shown(value: object) -> str:
    """A value out of a file, fit for a message of one line."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    if isinstance(value, list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, int) and abs(value) >= 2**64:
        return "a huge number"
    text = repr(value[:41] if isinstance(value, str | bytes) else value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, list) and not value)


def _flat(values: object, shape: tuple[int, ...], missing: bool) -> list | None:
    if isinstance(values, np.ndarray):
        return values.ravel().tolist() if values.shape == shape else None
    if not shape:
        return [values]
    if not isinstance(values, list) or len(values) != shape[0]:
        return None
    if len(shape) == 1:
        return values
    empty = [None] * math.prod(shape[1:])
    parts = [
        empty if missing and _is_nothing(value) else _flat(value, shape[1:], missing)
        for value in values
    ]
    if any(part is None for part in parts):
        return None
    return [number for part in parts for number in part]
