"""Fits the numbers by which a level world is found: what tells up, contact, and confidence.

They stand in `anatomy_tf/world/level.py`, `contact.py` and `confidence.py`, and come from

    python examples/world/fit_constants.py --data_dir=data/more --cameras=300

on the training subjects, so that `tools/evaluate.py --cameras=still` shows them on people whom they
do not know. Takes some two minutes on 2 cores. docs/own_mocap.md says how to get the data.
"""

from __future__ import annotations

import argparse

import numpy as np

from anatomy_tf.data.sources import open_source
from anatomy_tf.evaluation.of_data import WORLD_FRAMES
from anatomy_tf.evaluation.virtual_protocol import VirtualClip, virtual_clips
from anatomy_tf.evaluation.world_report import pose_errors, true_stands
from anatomy_tf.geometry.bone_vectors import unit_vectors
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.inference.lifted_track import lifted_track
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.world import confidence, contact, level

SEED = 3  # another than the protocol's
RIDGE = 1.0
ROUNDS = 30


def main() -> None:
    """Lifts what made-up cameras see, and prints the fits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="any_81f")
    parser.add_argument("--data_dir", required=True)
    parser.add_argument("--cameras", type=int, default=300)
    given = parser.parse_args()
    lifter = ClipLifter(load_lifter(given.model), flip=True)
    source = open_source("own", given.data_dir)
    clips = source.clips(source.train_subjects)
    made = virtual_clips(clips, given.cameras, SEED, still=True, frames=WORLD_FRAMES)
    seen = [_seen(lifter, one) for one in made]
    level_values, ups, feet, stands, sure, unsure, far = zip(*seen, strict=True)

    values, up = np.array(level_values), np.array(ups)
    square = np.einsum("nif,nig->fg", values, values) + RIDGE * np.eye(values.shape[2])
    weights = np.linalg.solve(square, np.einsum("nif,ni->f", values, up))
    found = unit_vectors(values @ weights)
    off = np.degrees(np.arccos(np.clip((found * up).sum(axis=-1), -1, 1)))
    print("level.WEIGHTS:", dict(zip(level.WEIGHTS, weights.round(2).tolist(), strict=True)))
    print(f"  up is off by {np.median(off):.1f} degrees (median)")
    print("contact.COEFFICIENTS:", _logistic(np.concatenate(feet), np.concatenate(stands)))
    far_off = np.concatenate(far)
    print("confidence.WITH_FLIP:", _logistic(np.concatenate(sure), far_off))
    alone = np.concatenate(unsure)[:, [0, 1, 3, 4]]
    print("confidence.WITHOUT_FLIP, but for the third:", _logistic(alone, far_off))


def _seen(lifter: ClipLifter, made: VirtualClip) -> tuple[np.ndarray, ...]:
    """What the fits are made of, of one clip."""
    clip, skeleton = made.clip, lifter.model.skeleton
    output = lifter(clip)
    track = lifted_track(clip, output["joints"])
    path = track.path()
    up = unit_vectors(made.up.astype(np.float64).mean(axis=0))
    true = clip.camera_joints().astype(np.float64)
    values, weight = level.up_features(track, path)
    mean = np.tensordot(weight, values, axes=1) / max(weight.sum(), 1e-6)
    stands = true_stands(true @ level.axes_of_world(up).T, clip.fps, skeleton)
    counted = [joint for joint in range(skeleton.num_joints) if joint != skeleton.root]
    sure = confidence.features(track, path, output["flip_distance"])[:, counted]
    unsure = confidence.features(track, path, None)[:, counted]
    far = pose_errors(track.joints, true, skeleton)[:, counted] > confidence.NEAR
    return (
        mean,
        up,
        contact.features(track, path, up).reshape(-1, 3),
        stands.ravel(),
        sure.reshape(-1, 5),
        unsure.reshape(-1, 5),
        far.ravel(),
    )


def _logistic(values: np.ndarray, truth: np.ndarray) -> list[float]:
    """Weights of the logarithm of the odds, by Newton's method."""
    weights = np.zeros(values.shape[1])
    for _ in range(ROUNDS):
        share = 1 / (1 + np.exp(-np.clip(values @ weights, -30, 30)))
        curve = (values * (share * (1 - share))[:, np.newaxis]).T @ values
        weights += np.linalg.solve(curve + 1e-2 * np.eye(len(weights)), values.T @ (truth - share))
    return weights.round(2).tolist()


if __name__ == "__main__":
    main()
