"""The colours of a body's sides, in pictures and in files that show something."""

from __future__ import annotations

from anatomy_tf.skeleton import Skeleton

LEFT, RIGHT, MIDDLE = "#d1495b", "#00798c", "#30343f"


def side_colour(joint: int, skeleton: Skeleton) -> str:
    """The colour of a joint, and of the bone that ends in it."""
    return LEFT if joint in skeleton.left else RIGHT if joint in skeleton.right else MIDDLE
