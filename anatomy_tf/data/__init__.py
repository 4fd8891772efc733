"""Clips in, training batches out."""
