import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import COCO_17, HUMAN36M_17
from anatomy_tf.errors import InputError
from tests.damage import Gadget
from tests.data.detections.samples import RESOLUTION, assert_same, sample, write_npz


def alone(names):
    """The sample's first person of each frame, in every frame."""
    everybody = sample(names)
    rows = [0, 1, 2, 3, 4]
    return dataclasses.replace(everybody, frame=np.array(rows), track=np.full(5, -1), num_frames=5)


def data_set(names, **changes):
    layout = "coco" if names == COCO_17 else "h36m"
    arrays = {
        "positions_2d": {"walk.mp4": {"custom": [alone(names).keypoints]}},
        "metadata": {
            "layout_name": layout,
            "num_joints": 17,
            "video_metadata": {"walk.mp4": {"w": RESOLUTION[0], "h": RESOLUTION[1]}},
        },
    } | changes
    return {name: np.array(value) for name, value in arrays.items()}


@pytest.fixture
def read(tmp_path):
    return lambda **arrays: read_detections(write_npz(tmp_path / "walk.npz", **arrays))


@pytest.mark.parametrize("names", [COCO_17, HUMAN36M_17])
def test_videopose3ds_own_data(read, names):
    detections = read(**data_set(names))
    expected = alone(names)
    assert detections.resolution == RESOLUTION
    assert_same(detections, dataclasses.replace(expected, scores=np.sign(expected.scores)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positions_2d": {"a": {"custom": [1]}, "b": {"custom": [2]}}}, "a data set of 2 clips"),
        ({"positions_2d": {"a": {"custom": 5}}}, "expected a list, found 5"),
        ({"positions_2d": {"a": {"custom": [np.ones((5, 16, 2))]}}}, "frame 0: expected 17 x 2"),
        ({"metadata": {"layout_name": "mpii"}}, "layout_name 'mpii' is not known"),
        ({"metadata": Gadget(print, ("hostile code ran",))}, "print"),
    ],
)
def test_mistakes_in_data_sets(read, changes, message, capsys):
    with pytest.raises(InputError, match=r"walk\.npz: .*" + message):
        read(**data_set(COCO_17, **changes))
    assert "hostile" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["reconstruction", "positions_2d", "keypoints"])
@pytest.mark.parametrize("names", [COCO_17, HUMAN36M_17])
@pytest.mark.parametrize("scores", [False, True])
def test_keypoints_of_the_demos(read, name, names, scores):
    expected = alone(names)
    points = expected.keypoints
    if scores:
        points = np.concatenate([points, expected.scores[..., np.newaxis]], axis=-1)
    else:
        expected = dataclasses.replace(expected, scores=np.sign(expected.scores))
    detections = read(**{name: points})
    assert_same(detections, expected)
    assert detections.notes[0].endswith("COCO" if names == COCO_17 else "Human3.6M")
    if name != "keypoints":
        assert_same(read(**{name: points[np.newaxis]}), expected)


def test_several_people_come_first(read):
    points = np.stack([alone(HUMAN36M_17).keypoints, alone(HUMAN36M_17).keypoints + 50])
    points[1, 3] = 0
    detections = read(reconstruction=points)
    assert detections.frame.tolist() == [0, 0, 1, 1, 2, 2, 3, 4, 4]
    assert detections.track.tolist() == [0, 1, 0, 1, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"reconstruction": np.full((5, 17, 3), 900.0)}, "poses in 3D, where keypoints in pixels"),
        ({"reconstruction": np.full((5, 17, 2), np.inf)}, "keypoints are not finite"),
        ({"reconstruction": np.zeros((5, 17, 2))}, "nobody in any frame"),
        (
            {"reconstruction": np.ones((5, 21, 2))},
            r"seems to be arrays reconstruction \(5, 21, 2\)",
        ),
        ({"joints": np.ones((5, 17, 2))}, r"seems to be arrays joints \(5, 17, 2\)"),
    ],
)
def test_mistakes_in_arrays(read, arrays, message):
    with pytest.raises(InputError, match=r"walk\.npz: .*" + message):
        read(**arrays)
