"""Published data sets, the set that ships with the package, and folders of own motion capture."""
