import numpy as np
import pytest

from anatomy_tf.data.detections.people import choose_people
from anatomy_tf.errors import InputError
from tests.data.detections.test_tracking import BODY, detections_of


@pytest.fixture(scope="module")
def scene():
    """10 frames: 3 is small, sure and always there; 5 large; 8 huge, in two frames; 9 sure, in one
    frame.
    """
    there = [(t, 3) for t in range(10)] + [(t, 5) for t in range(10)] + [(4, 8), (5, 8), (9, 9)]
    there.sort()
    scale = {3: 0.5, 5: 1.0, 8: 1.5, 9: 0.5}
    detections = detections_of(
        [t for t, _ in there], [BODY * scale[p] + 50 * p for _, p in there], [p for _, p in there]
    )
    sure = {3: 0.8, 5: 0.6, 8: 0.6, 9: 0.99}
    detections.scores[:] = np.array([sure[p] for _, p in there])[:, np.newaxis]
    return detections


@pytest.mark.parametrize(
    ("person", "chosen"),
    [
        ("largest", [5]),
        ("most_confident", [3]),
        ("all", [3, 5, 8, 9]),
        ("8", [8]),
        (9, [9]),
    ],
)
def test_choices(scene, person, chosen):
    assert choose_people(scene, scene.track, person) == chosen


def test_all_are_in_the_order_of_appearance(scene):
    tracks = np.where(scene.track == 3, 77, scene.track)
    assert choose_people(scene, np.where(scene.frame == 0, -1, tracks), "all") == [5, 77, 8, 9]
    late = np.where((scene.track == 5) & (scene.frame < 3), -1, scene.track)
    assert choose_people(scene, late, "all") == [3, 5, 8, 9]
    assert choose_people(scene, np.where(late == 5, 1, late), "all") == [3, 1, 8, 9]


@pytest.mark.parametrize("person", ["6", "-1", "biggest", "", 6])
def test_an_unknown_person_lists_those_there_are(scene, person):
    listing = r"or 3 \(10 frames\), 5 \(10 frames\), 8 \(2 frames\), 9 \(1 frames\)"
    with pytest.raises(InputError, match=f"video.json: --person={person}: .* {listing}$"):
        choose_people(scene, scene.track, person)


def test_a_long_list_is_cut():
    detections = detections_of(range(30), [BODY] * 30, range(30))
    with pytest.raises(InputError, match=r"9 \(1 frames\) and 20 more$"):
        choose_people(detections, detections.track, "none")


def test_nobody(scene):
    with pytest.raises(InputError, match="no keypoint of anybody has a score above 0"):
        choose_people(scene, np.full_like(scene.track, -1), "largest")
