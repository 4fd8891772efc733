"""From lifted poses to people in a level world."""
