"""Models for phones and small devices."""
