"""A mapping file to start from, for a rig that no ready-made mapping fits."""

from __future__ import annotations

import pathlib

from anatomy_tf.data.motion.joint_mapping import JointMapping, shipped_mappings
from anatomy_tf.data.motion.joint_motion import Motion
from anatomy_tf.data.motion.rig_names import RigNames
from anatomy_tf.files import replacing
from anatomy_tf.skeleton import H36M_17

UNKNOWN = "?"


def write_mapping_start(path: pathlib.Path | str, motion: Motion) -> str:
    """Writes what is known of the rig of `motion`, a `?` for the rest, and the rig's joints.

    A file that is there is left alone, as somebody may have worked on it.

    Returns:
      What to do with it, as a part of a message.

    Raises:
      InputError: it cannot be written.
    """
    path = pathlib.Path(path)
    if path.exists():
        return f"{path} is there already and was left as it is; give it with --mapping={path}"
    with replacing(path) as temporary:
        temporary.write_text(_text(motion), encoding="utf-8")
    return f"wrote {path} to start from: fill it in and give --mapping={path}"


def _text(motion: Motion) -> str:
    known = RigNames(motion.joint_names)
    nearest = sorted(shipped_mappings(), key=lambda mapping: len(mapping.missing(motion)))
    lines = [
        f"# Where the joints of {pathlib.Path(motion.name).name!a} are. Put names of its joints "
        f"for every {UNKNOWN}; check the others.",
        *(f"{joint} = {_guess(joint, nearest, known)}" for joint in H36M_17.joint_names),
        "",
        "# Its joints, each below its parent:",
    ]
    depths = []
    for name, parent in zip(motion.joint_names, motion.parents, strict=True):
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
        lines.append(f"#   {'  ' * min(depths[-1], 20)}{name}")
    return "\n".join(lines) + "\n"


def _guess(joint: str, mappings: list[JointMapping], known: RigNames) -> str:
    for mapping in mappings:
        for point in mapping.points[joint]:
            if known.has_all(point):
                return ", ".join(f"{weight:.4g} {name}" for name, weight in point.items())
    return UNKNOWN
