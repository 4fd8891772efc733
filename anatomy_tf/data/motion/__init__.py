"""A training set from motion capture: BVH and Acclaim files in, clips of synthetic actors out."""
