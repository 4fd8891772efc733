"""What is likely wrong with data."""
