"""A library of videos: lifted file by file, on one machine or many."""
