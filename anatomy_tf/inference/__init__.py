"""Finished models at work on clips."""
