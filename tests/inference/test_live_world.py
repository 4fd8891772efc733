"""A level world for live keypoints."""

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.inference.live import LiveStream
from anatomy_tf.inference.live_world import WorldStream
from tests.inference.test_live import RESOLUTION, coco, model  # noqa: F401


def test_what_comes_out_is_what_the_stream_gives_in_a_world(model, coco):  # noqa: F811
    live = WorldStream(LiveStream(model, RESOLUTION, "coco17"), fps=60)
    alone = LiveStream(model, RESOLUTION, "coco17")
    keypoints, scores = (x.copy() for x in coco)
    keypoints[5, 3], scores[5, 3] = np.nan, 0
    for frame in zip(keypoints, scores, strict=True):
        place = live.push(*frame)
        joints = alone.push(*frame)
        assert np.isfinite(place.joints).all() and place.stands.shape == (2,)
    assert place.joints.shape == joints.shape
    assert place.joints[:, 1].min() > -1e-6
    first = WorldStream(LiveStream(model, RESOLUTION, "coco17"), fps=60).push(keypoints[0])
    live.reset()
    np.testing.assert_allclose(live.push(keypoints[0]).joints, first.joints, atol=1e-6)


def test_mistakes(model, coco):  # noqa: F811
    with pytest.raises(InputError, match="0 frames per second"):
        WorldStream(LiveStream(model, RESOLUTION, "coco17"), fps=0)
    with pytest.raises(InputError, match="several people"):
        WorldStream(LiveStream(model, RESOLUTION, "coco17", people=2), fps=30)
    live = WorldStream(LiveStream(model, RESOLUTION, "coco17"), fps=30)
    with pytest.raises(InputError, match="those of one frame"):
        live.push(coco[0])
