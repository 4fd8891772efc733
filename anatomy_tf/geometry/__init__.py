"""Bones and cameras."""
