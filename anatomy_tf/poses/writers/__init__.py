"""One module a format: `write(poses, path)`, and `read(path)` where it can be read back."""
