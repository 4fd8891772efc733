"""What a model says of itself, in every form it has."""
