"""Poses to look at."""
