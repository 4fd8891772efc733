"""Videos: decoding, finding the people in them with the 2D detector that ships, and encoding."""
