import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import HALPE_26
from anatomy_tf.errors import InputError
from tests.data.detections.samples import FPS, assert_same, sample, sports2d

SAMPLE = sample(HALPE_26)
LINES = sports2d(SAMPLE).splitlines()
FIRST = dataclasses.replace(
    SAMPLE,
    frame=np.array([0, 2, 4]),
    track=np.array([1, 1, 1]),
    keypoints=SAMPLE.keypoints[[0, 2, 3]],
    scores=np.ones((3, 26)),
)


@pytest.fixture
def read(tmp_path):
    def read(lines, name="walk_px_person01.trc", **fields):
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8-sig")
        return read_detections(tmp_path / name, **fields)

    return read


def expected():
    scores = np.ones((3, 26))
    scores[1, 3] = 0  # what is at 0, 0 was not found
    return dataclasses.replace(FIRST, scores=scores)


def test_one_person_in_pixels(read):
    detections = read(LINES)
    assert_same(detections, expected())
    assert detections.fps == FPS
    assert read(LINES, "walk.trc").track.tolist() == [0, 0, 0]


def test_times_say_where_in_the_video_it_starts(read):
    shifted = [line.split("\t") for line in LINES]
    for cells in shifted[5:]:
        cells[1] = f"{float(cells[1]) + 2:.3f}"
    found = read(["\t".join(cells) for cells in shifted])
    assert found.frame.tolist() == [60, 62, 64]


def test_a_folder_has_a_file_for_every_person_and_those_in_pixels_are_taken(tmp_path, read):
    read(LINES)
    read(LINES, "walk_px_person02.trc")
    (tmp_path / "walk_m_person01.trc").write_text("metres")
    (tmp_path / "walk_angles_person01.mot").write_text("angles")
    detections = read_detections(tmp_path)
    assert detections.frame.tolist() == [0, 0, 2, 2, 4, 4]
    assert sorted(set(detections.track)) == [1, 2]


def scaled(factor, z="0"):
    def damage(lines):
        for number, line in enumerate(lines[5:], start=5):
            frame, time, *values = line.split("\t")
            values = [v and f"{float(v) * factor:.5f}" for v in values]
            values[2::3] = [z] * len(values[2::3])
            lines[number] = "\t".join([frame, time, *values])

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: lines.__setitem__(2, ""), "line 6: no time, or no DataRate in line 3"),
        (scaled(0.01), "markers in metres: take Sports2D's"),
        (scaled(1, z="3.5"), "markers in metres: take Sports2D's"),
        (lambda lines: lines.__delitem__(slice(3, None)), "not a .trc file, or truncated"),
        (lambda lines: lines.__setitem__(3, "Frame#\tTime\tC7\t\t\tT10"), "no keypoints of people"),
        (lambda lines: lines.__setitem__(6, "x" + lines[6]), "line 7: 'x2' is not a number"),
        (
            lambda lines: lines.__setitem__(6, lines[6] + "\t1\t2\t3"),
            "line 7: .* values, expected 80",
        ),
        (
            lambda lines: lines.__setitem__(2, "fast\t30"),
            "line 3: DataRate: 'fast' is not a number",
        ),
    ],
)
def test_mistakes_are_named(read, damage, message):
    lines = list(LINES)
    damage(lines)
    with pytest.raises(InputError, match=r"walk_px_person01\.trc: .*" + message):
        read(lines)
