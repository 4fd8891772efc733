import math

import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import COCO_17, HALPE_26
from anatomy_tf.errors import InputError
from tests.data.detections.samples import (
    FPS,
    RESOLUTION,
    assert_same,
    rtmlib,
    sample,
    write_json,
    write_npz,
)


@pytest.mark.parametrize("names", [COCO_17, HALPE_26])
def test_json_of_lists_by_frame_is_read(tmp_path, names):
    detections = read_detections(write_json(tmp_path / "walk.json", rtmlib(sample(names))))
    assert_same(detections, sample(names))
    assert (detections.resolution, detections.fps) == (RESOLUTION, FPS)


def test_arrays_of_objects_are_read(tmp_path):
    content = rtmlib(sample())
    arrays = {}
    for name in ("keypoints", "scores"):
        arrays[name] = np.empty(5, object)
        arrays[name][:] = [np.array(people) for people in content[name]]
    assert_same(read_detections(write_npz(tmp_path / "walk.npz", **arrays)), sample())


def test_plain_arrays_of_as_many_people_in_every_frame_are_read(tmp_path):
    keypoints = np.stack([sample().keypoints[:2], sample().keypoints[3:]])
    scores = np.stack([sample().scores[:2], sample().scores[3:]])
    path = write_npz(tmp_path / "walk.npz", keypoints=keypoints, scores=scores)
    detections = read_detections(path)
    assert detections.frame.tolist() == [0, 0, 1, 1]
    np.testing.assert_array_equal(detections.keypoints, keypoints.reshape(4, 17, 2))


@pytest.mark.parametrize("nobody", [None, []])
def test_nobody_in_a_frame_and_people_of_nan(tmp_path, nobody):
    content = rtmlib(sample())
    content["keypoints"][2] = content["scores"][2] = nobody
    content["keypoints"][0][1] = [[math.nan, math.nan]] * 17
    content["keypoints"][4][1] = None
    detections = read_detections(write_json(tmp_path / "walk.json", content))
    assert (detections.num_frames, detections.frame.tolist()) == (5, [0, 4])


@pytest.mark.parametrize(("given", "fps"), [(29.97, 30000 / 1001), (30000 / 1001, 29.97)])
def test_frame_rates_that_differ_by_rounding_are_the_same(tmp_path, given, fps):
    path = write_json(tmp_path / "walk.json", rtmlib(sample()) | {"fps": fps})
    detections = read_detections(path, fps=given)
    assert detections.fps == fps
    assert "in the file: the file's are taken" in detections.notes[0]
    with pytest.raises(InputError, match="fps is .* in the file, but 30 given"):
        read_detections(write_json(path, rtmlib(sample()) | {"fps": 29.9}), fps=30)


def test_scores_have_no_bounds(tmp_path):
    content = rtmlib(sample())
    content["scores"][2][0][:2] = [5.0, -0.3]
    detections = read_detections(write_json(tmp_path / "walk.json", content))
    assert detections.scores[2, :2].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: c.update(keypoints=c["keypoints"][0]), "keypoints of people, not of frames"),
        (lambda c: c["scores"].pop(), "keypoints of 5 frames, but scores of 4"),
        (lambda c: c["scores"][2].clear(), "frame 2: keypoints of 1 people, but scores of 0"),
        (lambda c: c["scores"][2][0].pop(), "frame 2: scores: expected 17 numbers"),
        (lambda c: c["keypoints"][2][0].pop(), "frame 2: scores: expected 16 numbers"),
        (lambda c: c["keypoints"][2][0][3].pop(), "frame 2: keypoints: expected 17 x 2 numbers"),
        (lambda c: c["keypoints"].__setitem__(2, 1), "frame 2: keypoints: expected a list"),
        (lambda c: c.update(resolution=[640]), "resolution: expected 2 numbers"),
        (lambda c: c.update(resolution=[640.5, 480]), "resolution: expected a whole number"),
        (lambda c: c.update(fps="fast"), "fps: expected a number, found 'fast'"),
        (lambda c: c.update(fps=0), "fps 0.0 is not positive"),
    ],
)
def test_mistakes_are_named_by_file_and_frame(tmp_path, damage, message):
    content = rtmlib(sample())
    damage(content)
    with pytest.raises(InputError, match=r"walk\.json: " + message):
        read_detections(write_json(tmp_path / "walk.json", content))
