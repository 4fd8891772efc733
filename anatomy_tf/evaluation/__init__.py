"""How far predicted poses are from the truth."""
