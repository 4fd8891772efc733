"""Errors of a finished model on a data set, by their names."""

from __future__ import annotations

import os
from collections.abc import Sequence

from anatomy_tf.data import sources
from anatomy_tf.evaluation.evaluate import evaluate as evaluate_clips
from anatomy_tf.evaluation.protocols import scores_of_data_set
from anatomy_tf.evaluation.robustness import evaluate_robustness
from anatomy_tf.evaluation.virtual_protocol import CAMERAS, virtual_clips
from anatomy_tf.evaluation.world_report import evaluate_world
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import load_lifter

WORLD_FRAMES = 400
"""Of a clip that is placed in a level world, at most: eight seconds at 50 frames a second."""


def evaluate(
    model: str | os.PathLike[str],
    *,
    data: str = "cmu",
    data_dir: str | None = None,
    subjects: Sequence[str] | None = None,
    keypoints: str = "detected",
    flip: bool = False,
    assembly: str | None = None,
    length_frames: LengthFrames | None = None,
    joints: Sequence[str] | None = None,
) -> dict:
    """The report of a model: MPJPE and the other metrics, in mm and %, by action and on average.

    Args:
      model: its name (`model_names`), a `.keras` file, or a folder with one.
      data, data_dir: what to evaluate on, of `data.sources.NAMES`, and its folder, where that is
        not shipped.
      subjects: instead of the test subjects of the data.
      keypoints: `detected`, or `projected` from the 3D joints.
      flip: average with the result for the mirrored clip.
      assembly, length_frames: as in `ClipLifter`.
      joints: names of the joints that count, instead of all.

    Returns:
      What `evaluation.evaluate.evaluate` gives; with `data_set_scores` where the data set has a
      script of its own.

    Raises:
      InputError: no such model, data, subject or joint, or unusable data.
    """
    lifter = ClipLifter(load_lifter(model), flip, assembly, length_frames)
    source = sources.open_source(data, data_dir)
    subjects = subjects or source.test_subjects
    clips = sources.read_clips(source, subjects, keypoints)
    report = evaluate_clips(lifter, clips, sources.label(data, data_dir), joints)
    scores = scores_of_data_set(lifter, source, subjects)
    return report | {"data_set_scores": scores} if scores else report


def evaluate_with_virtual_cameras(
    model: str | os.PathLike[str],
    *,
    data: str = "cmu",
    data_dir: str | None = None,
    subjects: Sequence[str] | None = None,
    cameras: int = CAMERAS,
    flip: bool = False,
    assembly: str | None = None,
    length_frames: LengthFrames | None = None,
    still: bool = False,
) -> dict:
    """Errors where the test subjects are seen by made-up `cameras` and detectors, the same for
    every model: what `evaluation.robustness.evaluate_robustness` gives; or, where the cameras are
    `still`, `evaluation.world_report.evaluate_world`.

    The other arguments and errors are those of `evaluate`.
    """
    lifter = ClipLifter(load_lifter(model), flip, assembly, length_frames)
    source = sources.open_source(data, data_dir)
    clips = source.clips(subjects or source.test_subjects)
    if still:
        made = virtual_clips(clips, cameras, still=True, frames=WORLD_FRAMES)
        return evaluate_world(lifter, made)
    return evaluate_robustness(lifter, virtual_clips(clips, cameras))
