import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.detections.plain import write_plain_csv, write_plain_npz
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import COCO_17, KEYPOINT_SETS
from anatomy_tf.errors import InputError
from tests.data.detections.samples import FPS, RESOLUTION, sample, write_npz


@pytest.mark.parametrize("names", KEYPOINT_SETS.values(), ids=KEYPOINT_SETS)
@pytest.mark.parametrize("tracked", [False, True])
def test_what_is_written_is_read_back_exactly(tmp_path, names, tracked):
    detections = sample(names, tracked)
    detections = dataclasses.replace(
        detections,
        keypoints=detections.keypoints / np.float32(3),  # needs all digits
        scores=detections.scores / np.float32(3),
        num_frames=9,
        resolution=RESOLUTION,
        fps=FPS,
    )
    write_plain_npz(tmp_path / "walk.npz", detections)
    write_plain_csv(tmp_path / "walk.csv", detections)
    from_npz = read_detections(tmp_path / "walk.npz")
    from_csv = read_detections(tmp_path / "walk.csv", resolution=RESOLUTION, fps=FPS)
    for found in (from_npz, from_csv):
        assert found.joint_names == names
        assert (found.resolution, found.fps) == (RESOLUTION, FPS)
        for field in ("frame", "track", "keypoints", "scores"):
            np.testing.assert_array_equal(getattr(found, field), getattr(detections, field))
    assert (from_npz.num_frames, from_csv.num_frames) == (9, 5)


def test_nothing_is_written_for_joints_of_no_set(tmp_path):
    detections = sample(("a", "b", "c", "d"))
    for write in (write_plain_npz, write_plain_csv):
        with pytest.raises(InputError, match="its joints are none of coco17, "):
            write(tmp_path / "walk", detections)
    assert not list(tmp_path.iterdir())


def test_without_numbers_a_place_is_a_person(tmp_path):
    points = np.full((3, 2, 17, 3), 5.5)
    points[1, 0] = 0
    path = write_npz(tmp_path / "walk.npz", keypoints=points, keypoint_set="coco17")
    detections = read_detections(path)
    assert detections.frame.tolist() == [0, 0, 1, 2, 2]
    assert detections.track.tolist() == [0, 1, 1, 0, 1]
    path = write_npz(tmp_path / "walk.npz", keypoints=points[:, 1], keypoint_set="coco17")
    assert read_detections(path).track.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"keypoint_set": "coco"}, "keypoint_set 'coco'; there are coco17, coco18, coco23"),
        ({"keypoint_set": 5}, "keypoint_set 5; there are"),
        (
            {"keypoints": np.ones((5, 16, 3))},
            r"keypoints has shape \(5, 16, 3\), expected \(frames, 17, 3\) or",
        ),
        ({"keypoints": np.ones((5, 17))}, r"keypoints has shape \(5, 17\), expected"),
        ({"keypoints": np.full((5, 17, 3), "a")}, "keypoints: expected an array of numbers"),
        ({"keypoints": np.zeros((5, 17, 3))}, "there is nobody in any frame"),
        ({"keypoints": np.zeros((5, 0, 17, 3))}, "there is nobody in any frame"),
        ({"keypoints": np.zeros((0, 17, 3))}, "there is nobody in any frame"),
        ({"keypoints": np.full((5, 17, 3), -2.0)}, "frame 0: a score is far below 0"),
        (
            {"keypoints": np.where(np.arange(5)[:, None, None] == 3, np.inf, np.ones((5, 17, 3)))},
            "keypoints of frame 3 are infinite",
        ),
        ({"person": np.zeros(5, int)}, "person must be whole numbers from -1, 5 x 1"),
        ({"person": np.zeros((5, 1))}, "person must be whole numbers from -1, 5 x 1"),
        ({"person": np.full((5, 1), -2)}, "person must be whole numbers from -1, 5 x 1"),
        ({"person": np.full((5, 1), 2**63, np.uint64)}, "person must be whole numbers from -1, 5"),
        ({"resolution": (1, 2, 3)}, "resolution: expected 2 numbers"),
        ({"fps": (1, 2)}, "fps: expected a number"),
    ],
)
def test_mistakes_in_arrays_are_named(tmp_path, arrays, message):
    arrays = {"keypoints": np.ones((5, 17, 3)), "keypoint_set": "coco17"} | arrays
    with pytest.raises(InputError, match=r"walk\.npz: " + message):
        read_detections(write_npz(tmp_path / "walk.npz", **arrays))


def test_two_people_of_one_number_in_a_frame_are_noted(tmp_path):
    points = np.arange(5 * 2 * 17 * 3).reshape(5, 2, 17, 3) + 5.0
    arrays = {"keypoints": points, "person": np.ones((5, 2), int)}
    path = write_npz(tmp_path / "walk.npz", keypoint_set="coco17", **arrays)
    (note,) = read_detections(path).notes
    assert "number 1 is there twice in frame 0" in note


def test_two_people_of_one_number_in_a_table(tmp_path):
    once = ["3,0,nose,50,60", "3,0,l_eye,70,80"]
    twice = ["3,0,l_eye,90,80", "3,0,nose,90,60"]
    detections = read_lines(tmp_path, "frame,person,joint,x,y", *once, *twice)
    assert detections.keypoints[:, :2].tolist() == [[[50, 60], [70, 80]], [[90, 60], [90, 80]]]
    assert detections.track.tolist() == [0, 0]
    assert "number 0 is there twice in frame 3" in detections.notes[0]
    assert len(read_lines(tmp_path, "frame,person,joint,x,y", *once, *once).frame) == 1


def test_what_was_not_found_may_be_nan(tmp_path):
    points = np.full((3, 17, 3), 5.5)
    points[0, 3, 0] = points[0, 4, 2] = points[1] = np.nan
    path = write_npz(tmp_path / "walk.npz", keypoints=points, keypoint_set="coco17")
    detections = read_detections(path)
    assert detections.frame.tolist() == [0, 2]
    assert np.flatnonzero(detections.scores[0] == 0).tolist() == [3, 4]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_marks_and_empty_cells(tmp_path, separator, encoding):
    lines = [
        "Frame,person,joint,x,y,score",
        "0,0,nose,10.5,20.5,0.5",
        "0,0,l_eye,,,0.9",
        "0,0,r_eye,NaN,null,None",
        "1,,,,,",
        ",,,,,",
        "2,0,nose,30,40,",
        "3,,,,,",
    ]
    text = "\n".join(lines).replace(",", separator)
    text = text if separator == "," else text.replace(".", ",")
    path = tmp_path / "walk.csv"
    path.write_bytes(text.encode(encoding))
    detections = read_detections(path)
    assert (detections.num_frames, detections.frame.tolist()) == (4, [0])
    assert detections.keypoints[0, :3].tolist() == [[10.5, 20.5], [0, 0], [0, 0]]
    assert detections.scores[0, :3].tolist() == [0.5, 0, 0]


def test_wide_tables_of_named_keypoints(tmp_path):
    names = ["nose", "Left_Shoulder", "right shoulder", "left_hip", "l_knee", "LEFT.ANKLE"]
    names += ["left_elbow", "left_wrist", "left_ear"]
    header = ",".join(["frame", *(f"{n}_x,{n}_y,{n}_conf" for n in names), "note"])
    cells = ",".join(f"{10 + 2 * i},{11 + 2 * i},0.5" for i in range(len(names)))
    detections = read_lines(tmp_path, header, f"3,{cells},a", f"1,{cells},b")
    assert detections.joint_names == COCO_17
    assert detections.frame.tolist() == [1, 3]
    assert detections.keypoints[0, COCO_17.index("l_ankle")].tolist() == [20, 21]
    assert (detections.scores[0] > 0).sum() == len(names)


def test_shares_of_the_image_are_scaled_or_refused(tmp_path):
    detections = sample(COCO_17)
    shares = dataclasses.replace(detections, keypoints=detections.keypoints / RESOLUTION)
    write_plain_csv(tmp_path / "walk.csv", shares)
    with pytest.raises(InputError, match="shares of the image; give its size"):
        read_detections(tmp_path / "walk.csv")
    write_plain_npz(tmp_path / "walk.npz", dataclasses.replace(shares, resolution=RESOLUTION))
    for path, given in (
        (tmp_path / "walk.npz", {}),
        (tmp_path / "walk.csv", {"resolution": RESOLUTION}),
    ):
        found = read_detections(path, **given)
        np.testing.assert_allclose(found.keypoints, detections.keypoints, atol=1e-3)
        assert "taken as shares of the image, 0 to 1, and scaled to 640x480" in found.notes[0]


def read_lines(tmp_path, *lines, **options):
    path = tmp_path / "walk.csv"
    path.write_text("\r\n".join(lines))
    return read_detections(path, **options)


def test_a_table_may_lack_scores_and_joints_and_have_columns_and_lines_in_any_order(tmp_path):
    detections = read_lines(
        tmp_path,
        "y,x,joint,note,person,frame",
        "2,1,nose,a,7,4",
        "4,3,l_hip,b,7,2",
        "",
        "6,5,r_hip,c,7,2",
    )
    assert detections.joint_names == COCO_17
    assert detections.frame.tolist() == [2, 4]
    assert detections.track.tolist() == [7, 7]
    assert detections.keypoints[1, 0].tolist() == [1, 2]
    assert detections.keypoints[0, 11:13].tolist() == [[3, 4], [5, 6]]
    assert detections.scores.sum(axis=1).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "expected a line with the names of the columns"),
        (
            ["frame,person,joint,x"],
            "no file of a tool that is known; seems to be a table of frame, person, joint, x",
        ),
        (["frame,person,joint,x,y"], "there is nobody in any frame"),
        (["frame,person,joint,x,y", "0,0,nose,1,2,3"], "line 2: 6 values, expected 5"),
        (["frame,person,joint,x,y", "0,0,tail,1,2"], "line 2: joint 'tail' is of no keypoint set"),
        (
            ["frame,person,joint,x,y", "0,0,spine,1,2", "0,0,nose,1,2"],
            "no keypoint set has all of nose, spine",
        ),
        (["frame,person,joint,x,y", "0,0.5,nose,1,2"], "line 2: person: expected a whole number"),
        (["frame,person,joint,x,y", "0,0,nose,1,inf"], "line 2: y is 'inf', not a number"),
        (
            ["frame,person,joint,x,y", "3,0,nose,5,5", "3,0,l_eye,6,6", "3,0,nose,5,5"],
            "frame 3: person 0 has nose twice",
        ),
        (["frame,person,joint,x,y,score", "3,0,nose,1,1,-2"], "frame 3: a score is far below 0"),
        (
            ["frame,person,joint,x,y", "1e12,0,nose,1,1"],
            "frame 1000000000000: no video has that many",
        ),
        (["frame,person,joint,x,y", "0,0," + "n" * 200000 + ",1,1"], "line 2: field larger than"),
    ],
)
def test_mistakes_in_a_table_are_named(tmp_path, lines, message):
    with pytest.raises(InputError, match=r"walk\.csv: " + message):
        read_lines(tmp_path, *lines)
