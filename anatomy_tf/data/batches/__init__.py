"""Training batches: windows, sampled frames, made-up bone lengths."""
