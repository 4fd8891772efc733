"""What a clip and its lifted joints are to the world that they are placed in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.clip import Clip
from anatomy_tf.world.track import Track


def lifted_track(clip: Clip, joints: npt.ArrayLike) -> Track:
    """The track of a clip whose lifted `joints` are `(T, J, 3)` metres from the root."""
    return Track(
        clip.skeleton,
        clip.fps,
        np.asarray(joints, np.float64),
        clip.screen_keypoints().astype(np.float64) / clip.screen_focal(),
        clip.visibility.astype(np.float64),
    )
