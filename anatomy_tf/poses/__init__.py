"""Lifted poses: the result type, and the files that it is kept in."""
