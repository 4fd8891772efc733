import numpy as np
import pytest

from anatomy_tf.data.detections.shares import to_pixels
from anatomy_tf.errors import InputError

SIZE = (1280, 720)


def spread(low, high, count=200):
    return np.random.default_rng(0).uniform(low, high, (count, 2))


def scaled(points, size=SIZE, known=False, centred=False):
    found = np.ones((len(points), 1), bool)
    keypoints, note = to_pixels(points[:, None], found, size, "walk.json", known, centred)
    return keypoints[:, 0], note


def test_pixels_stay_as_they_are():
    for points in (spread(0, 700), spread(-50, 1300), spread(0, 20), np.zeros((0, 2))):
        found, note = scaled(points)
        assert note is None
        np.testing.assert_array_equal(found, points)


def test_shares_are_scaled_also_where_some_lie_outside():
    points = spread(0.2, 1.4)
    points[0] = -0.1, 0.5
    found, note = scaled(points)
    np.testing.assert_allclose(found, points * SIZE)
    assert note.endswith("taken as shares of the image, 0 to 1, and scaled to 1280x720")


def test_shares_of_a_format_that_has_them_are_no_news_but_pixels_are():
    found, note = scaled(spread(-0.5, 1.6), known=True)
    np.testing.assert_allclose(found, spread(-0.5, 1.6) * SIZE)
    assert note is None
    found, note = scaled(spread(0, 700), known=True)
    np.testing.assert_array_equal(found, spread(0, 700))
    assert "taken as pixels" in note


@pytest.mark.parametrize(
    ("points", "fields", "message"),
    [
        (spread(0.2, 0.8), {"size": None}, "give its size"),
        (spread(-0.8, 0.8), {}, "counted from where cannot be told"),
        (spread(-0.05, 0.8), {"centred": True}, "counted from where cannot be told"),
        (np.concatenate([spread(0.2, 0.8), [[500.0, 300.0]]]), {}, "shares of the image among"),
    ],
)
def test_what_cannot_be_told_is_refused(points, fields, message):
    with pytest.raises(InputError, match=f"walk.json: keypoints reach from .*{message}"):
        scaled(points, **fields)
