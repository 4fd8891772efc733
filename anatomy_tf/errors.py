"""The one exception that a user's mistake raises."""


class InputError(ValueError):
    """Input that cannot be used; the message is one line that names what is wrong and where."""
