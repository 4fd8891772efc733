"""Untrusted files as plain data."""
