"""People who walk through a made-up video: numbers stay, whoever is lost is found again."""

import numpy as np
import pytest

from anatomy_tf.video.crops import Square
from anatomy_tf.video.decoding import Frame
from anatomy_tf.video.following import Followers, square_around

FPS = 30
BODY = np.random.default_rng(0).uniform([-30, -80], [30, 80], (17, 2)).astype(np.float32)


class Scene:
    """People at places in a picture; a reader sees whoever is nearest to the square's middle."""

    def __init__(self, paths):
        self.paths = paths
        self.now = 0
        self.searches = 0

    def places(self):
        there = [path(self.now) for path in self.paths]
        return [np.array(place, np.float32) for place in there if place is not None]

    def find(self, picture):
        self.searches += 1
        places = self.places()
        keypoints = np.zeros((6, 17, 2), np.float32)
        scores, sure = np.zeros((6, 17), np.float32), np.zeros(6, np.float32)
        for i, place in enumerate(places):
            keypoints[i], scores[i], sure[i] = BODY + place, 0.8, 0.6
        return keypoints, scores, sure

    def read(self, picture, square: Square):
        middle = np.array([square.left, square.top]) + square.side / 2
        near = [place for place in self.places() if np.abs(place - middle).max() < square.side / 2]
        if not near:
            return np.zeros((17, 2), np.float32), np.full(17, 0.05, np.float32)
        place = min(near, key=lambda place: np.linalg.norm(place - middle))
        return BODY + place, np.full(17, 0.9, np.float32)

    def run(self, frames, most_people=6):
        followers = Followers(self.find, self.read, most_people)
        rows = []
        for self.now in range(frames):
            seen = followers.step(Frame(self.now / FPS, np.zeros((8, 8, 3), np.uint8)))
            rows.append({person.number: person.keypoints - BODY for person in seen})
        return rows


def _stands(x, y=200):
    return lambda frame: (x, y)


def test_two_people_keep_their_numbers():
    scene = Scene([lambda t: (100 + 2 * t, 200), _stands(600)])
    rows = scene.run(90)
    assert {tuple(sorted(row)) for row in rows} == {(0, 1)}
    for t, row in enumerate(rows):
        np.testing.assert_allclose(row[0].mean(axis=0), [100 + 2 * t, 200], atol=1e-3)
    assert scene.searches < 10  # the whole picture is looked at twice a second


def test_people_who_pass_each_other_keep_their_numbers():
    rows = Scene([lambda t: (100 + 6 * t, 200), lambda t: (700 - 6 * t, 230)]).run(100)
    assert rows[-1][0].mean(axis=0)[0] == pytest.approx(694, abs=1)
    assert rows[-1][1].mean(axis=0)[0] == pytest.approx(106, abs=1)


def test_someone_who_is_hidden_for_a_short_while_is_the_same_person():
    hidden = range(40, 55)
    rows = Scene([lambda t: None if t in hidden else (100 + 4 * t, 200)]).run(90)
    assert [t for t, row in enumerate(rows) if not row][:2] == [40, 41]
    assert set(rows[-1]) == {0}
    back = next(t for t in range(55, 90) if rows[t])
    assert back <= 58


def test_someone_who_comes_back_late_is_somebody_new():
    rows = Scene([lambda t: None if 20 <= t < 80 else (300, 200)]).run(100)
    assert set(rows[10]) == {0} and set(rows[-1]) == {1}


def test_someone_new_is_found_within_half_a_second():
    rows = Scene([_stands(100), lambda t: (500, 200) if t >= 31 else None]).run(60)
    first = next(t for t, row in enumerate(rows) if len(row) == 2)
    assert 31 <= first <= 31 + FPS / 2


def test_only_so_many_people_are_followed():
    rows = Scene([_stands(100), _stands(400), _stands(700)]).run(20, most_people=2)
    assert {len(row) for row in rows} == {2}


def test_nobody_is_there():
    scene = Scene([])
    assert scene.run(30) == [{}] * 30
    assert scene.searches <= 11  # ten times a second


def test_who_is_followed_but_never_found_again_is_dropped():
    scene = Scene([_stands(300)])
    find = scene.find

    def only_first(picture):
        keypoints, scores, sure = find(picture)
        return keypoints, scores, sure if scene.now == 0 else np.zeros_like(sure)

    scene.find = only_first
    rows = scene.run(120)
    assert rows[30] and not rows[-1]


def test_a_square_has_the_person_in_its_middle():
    scores = np.ones(17, np.float32)
    square = square_around(BODY + [400, 300], scores)
    low, high = (BODY + [400, 300]).min(axis=0), (BODY + [400, 300]).max(axis=0)
    assert square.left < low[0] and square.top < low[1]
    assert square.left + square.side > high[0] and square.top + square.side > high[1]
    middle = np.array([square.left, square.top]) + square.side / 2
    np.testing.assert_allclose(middle, (low + high) / 2, rtol=1e-5)
