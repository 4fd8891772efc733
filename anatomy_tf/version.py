"""The version, for whoever asks."""

__version__ = "0.1.0"
