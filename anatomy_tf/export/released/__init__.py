"""The authors' PyTorch checkpoints, read in."""
