"""The version, for whoever asks: the package, its builds, its exports and its results."""

__version__ = "0.1.0"
