"""The one exception that a user's mistake raises, and what to say of the system's errors."""

import sys

_LONGEST = 2000


class InputError(ValueError):
    """Input that cannot be used; the message is one line that names what is wrong and where.

    Names out of files come into messages: what would steer a terminal is written as an escape, and
    a long message loses its middle.
    """

    def __init__(self, message: object = "", *more: object) -> None:
        super().__init__(_line(str(message)), *more)


def reason_of_system(error: Exception) -> str | None:
    """Why the system, or TensorFlow in its name, could not do something: a line; None for another
    kind of mistake.
    """
    if isinstance(error, OSError):
        return error.strerror or str(error)
    tensorflow = sys.modules.get("tensorflow")  # not loaded for it
    if tensorflow is not None and isinstance(error, tensorflow.errors.OpError):
        return error.message.splitlines()[0]
    return None


def _line(text: str) -> str:
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 4 :]}"
    return text
