"""The flags of all tools that lift, and what they ask for."""

from __future__ import annotations

from typing import Any

from absl import flags

from anatomy_tf.command_line import flag_group, image_size
from anatomy_tf.data.detections.reading import FORMATS as DETECTORS
from anatomy_tf.errors import InputError
from anatomy_tf.poses.lift_settings import LiftSettings
from anatomy_tf.video.people_in_video import MOST_PEOPLE
from anatomy_tf.world.placing import WorldSettings
from anatomy_tf.world.smoothing import FILTERS

FLAGS = flags.FLAGS
_AS_CALLED = (
    *("model", "format", "fps", "person", "most_people", "feet", "max_gap"),
    *("focal", "fov", "height", "flip", "repair_swaps"),
)
_OF_WORLD = ("level", "camera_pitch", "camera_roll", "path", "plant", "smoothing")


def define_lift_flags() -> None:
    """Defines the flags that `lift_settings` reads."""
    default = LiftSettings()
    with flag_group("Files"):
        flags.DEFINE_enum("format", default.format, DETECTORS, "What wrote the detections.")
        flags.DEFINE_string(
            "resolution", None, "Of the video, WxH in pixels, if the file does not tell."
        )
        flags.DEFINE_float(
            "fps", None, "Frames per second, if the file does not tell or is wrong.", 0
        )
    with flag_group("People"):
        flags.DEFINE_string(
            "person", default.person, "Whom to lift: largest, most_confident, all, or a number."
        )
        flags.DEFINE_integer(
            *("most_people", MOST_PEOPLE), "Who are followed in a video at a time.", 1, MOST_PEOPLE
        )
        flags.DEFINE_boolean(
            "feet", False, "Also read heels and toes in videos, for --outputs=detections."
        )
        flags.DEFINE_float("max_gap", default.max_gap, "Gaps of up to so many seconds are filled.")
        flags.DEFINE_float(
            "height", None, "Of the person in metres, by which lengths are made right."
        )
    with flag_group("Camera"):
        flags.DEFINE_float("focal", None, "Focal length in pixels; without, it is guessed.")
        flags.DEFINE_float(
            "fov", None, "Degrees over the longer side of the image, instead of --focal."
        )
    with flag_group("Lifting"):
        flags.DEFINE_string("model", default.model, "A model's name, or its file or folder.")
        flags.DEFINE_boolean("flip", True, "Average with the result for the mirrored clip.")
        flags.DEFINE_boolean(
            "repair_swaps", True, "Put right where left and right were taken wrongly."
        )
    with flag_group("World"):
        flags.DEFINE_boolean(
            "world", True, "Place people in a level world, where they go and stand."
        )
        flags.DEFINE_boolean(
            "level", True, "Find out which way is up; without, the camera is level."
        )
        flags.DEFINE_float(
            "camera_pitch", None, "Degrees by which the camera looks down, if known."
        )
        flags.DEFINE_float(
            "camera_roll", None, "Degrees by which it is turned clockwise, if known."
        )
        flags.DEFINE_boolean("path", True, "Let people go where they are seen to go.")
        flags.DEFINE_boolean("plant", True, "Keep feet that stand in their place, on the floor.")
        flags.DEFINE_enum("smoothing", FILTERS[0], FILTERS, "How motion in the world is smoothed.")


def lift_settings() -> dict[str, Any]:
    """The arguments of `LiftSettings` that the flags are.

    Raises:
      InputError: flags that contradict each other, or a size that is none.
    """
    return {
        "resolution": image_size("resolution", FLAGS.resolution),
        "world": _world(),
        **{name: FLAGS[name].value for name in _AS_CALLED},
    }


def _world() -> WorldSettings | None:
    if FLAGS.world:
        return WorldSettings(**{name: FLAGS[name].value for name in _OF_WORLD})
    given = [f"--{name}" for name in _OF_WORLD if FLAGS[name].present]
    if given:
        raise InputError(f"{', '.join(given)}: not without the world (--noworld)")
    return None
