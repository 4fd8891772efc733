"""What 2D detectors write, read into one form."""
