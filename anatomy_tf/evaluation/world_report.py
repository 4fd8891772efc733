"""How well people stand in their level world: errors of each of its parts, on made-up cameras that
stand on a tripod, where everything is known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.virtual_protocol import VirtualClip
from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.geometry.flexion import flexions
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.lifted_track import lifted_track
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.world.body import body_of
from anatomy_tf.world.confidence import NEAR, confidence
from anatomy_tf.world.contact import standing_feet
from anatomy_tf.world.level import LEVEL, STEEPEST_COSINE, axes_of_world
from anatomy_tf.world.live import LiveWorld
from anatomy_tf.world.moving_average import moving_average, odd_frames
from anatomy_tf.world.placing import DEFAULT_WORLD, PlacedTrack, place
from anatomy_tf.world.posture import angles_of
from anatomy_tf.world.steps import steps_of, walk_of
from anatomy_tf.world.swaps import find_swaps
from anatomy_tf.world.track import Track

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_STANDING_SPEED, _STANDING_HEIGHT = 0.3, 0.06
"""m/s, and metres above the floor's lowest ankle: a foot that truly stands."""
_LOWEST = 2.0
_TENTHS = 10
_LIVE_CLIPS = 40
"""So many clips, the first, are placed frame by frame as well, which takes longer."""


@dataclasses.dataclass(frozen=True)
class _Compared:
    """What was found in a clip, beside the truth; both in level worlds of their own."""

    track: Track
    placed: PlacedTrack
    unplaced: Floats
    """`(T, J, 3)` on the fitted path, before feet are planted."""
    true: Floats
    true_stands: Bools


def evaluate_world(lifter: ClipLifter, virtual: Sequence[VirtualClip]) -> dict:
    """Medians over the clips of errors by name; see `LINES`. Clips whose camera is turned over are
    left out.

    Args:
      virtual: of cameras that are still.

    Raises:
      InputError: no clip is left.
    """
    skeleton = lifter.model.skeleton
    rows: list[dict[str, float]] = []
    chances: list[Floats] = []
    off: list[Floats] = []
    for made in virtual:
        up = unit_vectors(made.up.astype(np.float64).mean(axis=0))
        if up @ LEVEL < STEEPEST_COSINE:
            continue
        output = lifter(made.clip)
        track = lifted_track(made.clip, output["joints"])
        path = track.path()
        placed = place([track], DEFAULT_WORLD)
        true = made.clip.camera_joints().astype(np.float64)
        compared = _Compared(
            track,
            placed.tracks[0],
            (track.joints + path[:, np.newaxis]) @ placed.axes.T,
            true @ axes_of_world(up).T,
            true_stands(true @ axes_of_world(up).T, track.fps, skeleton),
        )
        tilt = float(np.degrees(np.arccos(np.clip(placed.axes[1] @ up, -1, 1))))
        row = {"tilt": tilt} | _path(compared, true) | _feet(compared) | _angles(compared)
        live = _live(compared, placed.tracks[0]) if len(rows) < _LIVE_CLIPS else {}
        rows.append(row | _swaps(made, track, path) | live)
        chances.append(confidence(track, placed.tracks[0].path, output.get("flip_distance")))
        off.append(pose_errors(track.joints, true, skeleton))
    if not rows:
        raise InputError("no clips to evaluate on")
    columns = {name: np.array([row.get(name, np.nan) for row in rows]) for name in rows[0]}
    return _summary(columns) | _confidence(np.concatenate(chances), np.concatenate(off), skeleton)


LINES = {
    "clips": "clips",
    "path_mm": "path, mm",
    "path_percent": "path, % of the distance",
    "path_scaled_percent": "path with one scale, % of the distance",
    "tilt": "up, degrees",
    "slide_before_mm": "standing feet slide before planting, mm a frame",
    "slide_mm": "and after",
    "below_before_mm": "lowest joint below the floor before, mm",
    "below_mm": "and after",
    "contact_precision": "contact, precision",
    "contact_recall": "contact, recall",
    "knee": "knees, degrees",
    "planted_knee": "knees where feet are planted, degrees",
    "hip": "hips, degrees",
    "elbow": "elbows, degrees",
    "trunk_lean": "trunk lean, degrees",
    "pelvis_tilt": "pelvis tilt, degrees",
    "walks": "walks",
    "step_cm": "step length, cm",
    "cadence": "cadence, steps a minute",
    "live_slide_mm": "live: standing feet slide, mm a frame",
    "live_contact_precision": "live: contact, precision",
    "live_contact_recall": "live: contact, recall",
    "live_trunk_lean": "live: trunk lean, degrees",
    "swapped": "frames with swaps, of a limb",
    "swaps_found": "swaps found, share of these",
    "swaps_wrong_percent": "wrongly repaired, % of right frames",
    "far_off": "joints off by more than 150 mm, share",
    "far_off_in_worst_tenth": "of these in the least sure tenth",
}


def format_world(report: Mapping) -> str:
    """A line for every error, and the curve of error against confidence."""
    width = max(map(len, LINES.values())) + 2
    lines = [f"{says:{width}}{report[name]:>9.2f}" for name, says in LINES.items()]
    lines.append("mean error in mm by tenths of confidence, the least sure first:")
    lines.append("  ".join(f"{value:.0f}" for value in report["error_by_confidence_mm"]))
    lines.append("chance of being off by more than 150 mm in these, as told and as it is:")
    for name in ("told_far_off", "is_far_off"):
        lines.append("  ".join(f"{value:.2f}" for value in report[name]))
    return "\n".join(lines)


def _summary(columns: dict[str, Floats]) -> dict:
    sums = {name: float(np.nansum(values)) for name, values in columns.items()}
    report = {
        name: float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")
        for name, values in columns.items()
        if name in LINES
    }
    return report | {
        "clips": float(len(columns["tilt"])),
        "contact_precision": sums["right_stands"] / max(sums["found_stands"], 1),
        "contact_recall": sums["right_stands"] / max(sums["true_stands"], 1),
        "live_contact_precision": sums["live_right_stands"] / max(sums["live_found_stands"], 1),
        "live_contact_recall": sums["live_right_stands"] / max(sums["live_true_stands"], 1),
        "walks": float(np.isfinite(columns["step_cm"]).sum()),
        "swapped": sums["swapped_frames"],
        "swaps_found": sums["right_swaps"] / max(sums["swapped_frames"], 1),
        "swaps_wrong_percent": 100 * sums["wrong_swaps"] / max(sums["straight_frames"], 1),
    }


def true_stands(true: Floats, fps: float, skeleton: Skeleton) -> Bools:
    """`(T, C)` which feet stand, of true joints `(T, J, 3)` in metres, y up."""
    feet = true[:, list(body_of(skeleton).feet)]
    velocity = np.gradient(feet, axis=0) * fps
    speed = moving_average(np.linalg.norm(velocity, axis=-1), odd_frames(0.1, fps))
    floor = np.percentile(feet[..., 1].min(axis=1), _LOWEST)
    return (speed < _STANDING_SPEED) & (feet[..., 1] - floor < _STANDING_HEIGHT)


def _path(compared: _Compared, true: Floats) -> dict[str, float]:
    path, root = compared.placed.path, true[:, compared.track.skeleton.root]
    distance = float(np.linalg.norm(root, axis=1).mean())
    scale = float((path * root).sum() / (path * path).sum())
    off = float(np.linalg.norm(path - root, axis=1).mean())
    scaled = float(np.linalg.norm(scale * path - root, axis=1).mean())
    return {
        "path_mm": 1000 * off,
        "path_percent": 100 * off / distance,
        "path_scaled_percent": 100 * scaled / distance,
    }


def _live(compared: _Compared, placed: PlacedTrack) -> dict[str, float]:
    """The same track, placed frame by frame."""
    track = compared.track
    world = LiveWorld(track.skeleton, track.fps)
    pushed = zip(track.joints, track.rays, track.scores, strict=True)
    places = [world.push(*frame) for frame in pushed]
    joints, stands = (np.array([place[i] for place in places]) for i in range(2))
    live = dataclasses.replace(compared, placed=placed._replace(joints=joints, stands=stands))
    errors = _feet(live) | _angles(live)
    names = ("slide_mm", "right_stands", "found_stands", "true_stands", "trunk_lean")
    return {f"live_{name}": errors[name] for name in names}


def _feet(compared: _Compared) -> dict[str, float]:
    feet = list(body_of(compared.track.skeleton).feet)
    truth, stands = compared.true_stands, compared.placed.stands
    still = truth[1:] & truth[:-1]
    slides = [
        1000 * np.linalg.norm(np.diff(joints[:, feet], axis=0), axis=-1)[still]
        for joints in (compared.unplaced, compared.placed.joints)
    ]
    # Before planting, the floor is where the feet are lowest most of the time.
    low = compared.unplaced[..., 1].min(axis=1)
    below = np.maximum(np.median(low) - low, 0), np.maximum(-compared.placed.joints[..., 1], 0)
    return {
        "slide_before_mm": float(slides[0].mean()) if still.any() else float("nan"),
        "slide_mm": float(slides[1].mean()) if still.any() else float("nan"),
        "below_before_mm": 1000 * float(below[0].mean()),
        "below_mm": 1000 * float(below[1].max(axis=1).mean()),
        "right_stands": float((stands & truth).sum()),
        "found_stands": float(stands.sum()),
        "true_stands": float(truth.sum()),
    }


def _angles(compared: _Compared) -> dict[str, float]:
    skeleton, fps = compared.track.skeleton, compared.track.fps
    found = angles_of(compared.track.joints, compared.placed.joints, skeleton)
    true = angles_of(compared.true, compared.true, skeleton)
    planted = flexions(compared.placed.joints, skeleton)
    errors: dict[str, float] = {}
    for line, name, of in (
        *((name, name, found) for name in ("knee", "hip", "elbow", "trunk_lean", "pelvis_tilt")),
        ("planted_knee", "knee", planted),
    ):
        off = [np.abs(of[key] - true[key]).mean() for key in of if key.endswith(name)]
        errors[line] = float(np.mean(off)) if off else float("nan")
    # A moment of standing truly is one that lasts, as in what is found.
    stands = standing_feet(compared.true_stands.astype(np.float64), fps)
    walks = [
        walk_of(steps_of(joints, standing, fps, skeleton))
        for joints, standing in (
            (compared.placed.joints, compared.placed.stands),
            (compared.true, stands),
        )
    ]
    errors["step_cm"] = errors["cadence"] = float("nan")
    if walks[0] is not None and walks[1] is not None:
        errors["step_cm"] = 100 * abs(walks[0].length - walks[1].length)
        errors["cadence"] = abs(walks[0].cadence - walks[1].cadence)
    return errors


def _swaps(made: VirtualClip, track: Track, path: Floats) -> dict[str, float]:
    found = find_swaps(track, path)
    limbs = [limb[0] for limb in track.skeleton.limbs]
    found, true = found[:, limbs], made.swapped[:, limbs]
    return {
        "swapped_frames": float(true.sum()),
        "straight_frames": float((~true).sum()),
        "right_swaps": float((found & true).sum()),
        "wrong_swaps": float((found & ~true).sum()),
    }


def pose_errors(joints: Floats, true: Floats, skeleton: Skeleton) -> Floats:
    """`(T, J)` metres, of joints from the root with the one scale that fits the clip best."""
    true = true - true[:, [skeleton.root]]
    scale = (joints * true).sum() / (joints * joints).sum()
    return np.linalg.norm(scale * joints - true, axis=-1)


def _confidence(sure: Floats, off: Floats, skeleton: Skeleton) -> dict:
    counted = [joint for joint in range(skeleton.num_joints) if joint != skeleton.root]
    sure, off = sure[:, counted].ravel(), off[:, counted].ravel()
    tenths = np.array_split(np.argsort(sure, kind="stable"), _TENTHS)
    far = off > NEAR
    return {
        "far_off": float(far.mean()),
        "far_off_in_worst_tenth": float(far[tenths[0]].sum() / max(far.sum(), 1)),
        "error_by_confidence_mm": [1000 * float(off[tenth].mean()) for tenth in tenths],
        "told_far_off": [1 - float(sure[tenth].mean()) for tenth in tenths],
        "is_far_off": [float(far[tenth].mean()) for tenth in tenths],
    }
