import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError
from tests.damage import Gadget
from tests.data.detections.samples import (
    RESOLUTION,
    as_objects,
    assert_same,
    detectron2,
    sample,
    write_npz,
)


@pytest.fixture
def read(tmp_path):
    return lambda **arrays: read_detections(write_npz(tmp_path / "walk.mp4.npz", **arrays))


def test_what_videopose3d_saved_is_read(read):
    detections = read(**detectron2(sample()))
    assert_same(detections, sample())
    assert detections.resolution == RESOLUTION


def test_the_older_detectron_gives_a_list_of_people(read):
    arrays = detectron2(sample())
    frames = [[[], [np.array(person) for person in people]] for _, people in arrays["keypoints"]]
    assert_same(read(**arrays | {"keypoints": as_objects(frames)}), sample())


def test_one_person_in_every_frame_is_what_numpy_makes_arrays_of(read):
    everybody = sample()
    alone = dataclasses.replace(
        everybody,
        **{
            field: getattr(everybody, field)[[0, 2, 3]]
            for field in ("track", "keypoints", "scores")
        },
        frame=np.arange(3),
        num_frames=3,
    )
    assert_same(read(**detectron2(alone)), alone)


@pytest.mark.parametrize(
    "nobody", [None, np.nan, [None, None], [[], np.nan], [[], None], [[], []], []]
)
def test_nobody_in_a_frame(read, nobody):
    arrays = detectron2(sample())
    rows = np.empty(5, object)
    rows[:] = [nobody if frame in (0, 1) else row for frame, row in enumerate(arrays["keypoints"])]
    detections = read(**arrays | {"keypoints": rows})
    assert (detections.num_frames, detections.frame.tolist()) == (5, [2, 4, 4])


def test_a_person_of_nan_was_not_found(read):
    arrays = detectron2(sample())
    arrays["keypoints"][2][1][:] = np.nan
    arrays["keypoints"][0][1][0, :, 3] = np.nan
    detections = read(**arrays)
    assert detections.frame.tolist() == [0, 0, 4, 4]
    assert detections.scores[0, 3] == 0


def frames(change):
    def damage(arrays):
        rows = [list(row) for row in arrays["keypoints"]]
        change(rows)
        arrays["keypoints"] = as_objects(rows)

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda a: a.update(metadata=np.array({"w": 640})), "metadata: h is missing"),
        (lambda a: a.update(metadata=np.array(5)), "expected an object with w"),
        (
            lambda a: a.update(metadata=np.array({"w": 640, "h": "a"})),
            "resolution: expected 2 numbers",
        ),
        (lambda a: a.update(metadata=np.array({"w": 640, "h": 0})), "640, 0. is not positive"),
        (lambda a: a.update(metadata=np.array(Gadget(print, ("hostile code ran",)))), "print"),
        (
            frames(lambda f: f[2].__setitem__(1, np.zeros((1, 4, 26)))),
            "frame 2: keypoints: expected 4 x 17",
        ),
        (
            frames(lambda f: f[2].__setitem__(1, np.zeros((1, 17, 4)))),
            "frame 2: keypoints: expected 4 x 17",
        ),
        (frames(lambda f: f[2].__setitem__(1, 5)), "frame 2: keypoints: expected a list"),
        (
            frames(lambda f: f[2].__setitem__(1, np.full((1, 4, 17), -2.0))),
            "frame 2: a score is far below 0",
        ),
        (
            frames(lambda f: f[2].__setitem__(1, np.full((1, 4, 17), np.inf))),
            "frame 2: keypoints: not finite, or absurdly",
        ),
        (lambda a: a.update(keypoints=np.zeros((5, 3))), "frame 0: keypoints: 3 classes"),
        (lambda a: a.update(keypoints=np.zeros(())), "keypoints: expected a list"),
    ],
)
def test_mistakes_are_named_by_file_and_frame(read, damage, message, capsys):
    arrays = detectron2(sample())
    damage(arrays)
    with pytest.raises(InputError, match=r"walk\.mp4\.npz: .*" + message) as error:
        read(**arrays)
    assert "\n" not in str(error.value)
    assert "hostile" not in capsys.readouterr().out
