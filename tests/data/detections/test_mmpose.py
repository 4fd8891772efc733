import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import COCO_17, COCO_23, HALPE_26, HUMAN36M_17, MPII_16
from anatomy_tf.errors import InputError
from tests.data.detections.samples import (
    assert_same,
    mmpose,
    sample,
    write_folder,
    write_json,
    write_zip,
)

COCO_NAMES = [
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder"),
    *("left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip"),
    *("left_knee", "right_knee", "left_ankle", "right_ankle"),
]
HALPE_NAMES = [
    *(*COCO_NAMES, "head", "neck", "hip", "left_big_toe", "right_big_toe"),
    *("left_small_toe", "right_small_toe", "left_heel", "right_heel"),
]
MPII_NAMES = [
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "pelvis"),
    *("thorax", "upper_neck", "head_top", "right_wrist", "right_elbow", "right_shoulder"),
    *("left_shoulder", "left_elbow", "left_wrist"),
]
HUMAN36M_NAMES = [
    *("root", "right_hip", "right_knee", "right_foot", "left_hip", "left_knee", "left_foot"),
    *("spine", "thorax", "neck_base", "head", "left_shoulder", "left_elbow", "left_wrist"),
    *("right_shoulder", "right_elbow", "right_wrist"),
]


@pytest.fixture
def read(tmp_path):
    return lambda content: read_detections(write_json(tmp_path / "walk.json", content))


def of_demo(detections, names):
    names = {str(number): name for number, name in enumerate(names)}
    # The demo writes with json_tricks, which makes objects of arrays and puts every number on a
    # line.
    colors = {"__ndarray__": [[51, 153, 255]], "dtype": "uint8", "shape": [1, 3]}
    meta = {"keypoint_id2name": names, "keypoint_colors": colors}
    return {"meta_info": meta, "instance_info": mmpose(detections)}


@pytest.mark.parametrize("tracked", [False, True])
def test_the_demo_counts_frames_from_1_and_names_keypoints(read, tracked):
    for ours, theirs in (
        (COCO_17, COCO_NAMES),
        (HALPE_26, HALPE_NAMES),
        (MPII_16, MPII_NAMES),
        (HUMAN36M_17, HUMAN36M_NAMES),
    ):
        detections = sample(ours, tracked)
        assert_same(read(of_demo(detections, theirs)), detections)


@pytest.mark.parametrize("names", [COCO_17, HALPE_26, MPII_16])
def test_the_inferencer_counts_frames_from_0(read, names):
    assert_same(read(mmpose(sample(names), first=0)), sample(names))


def test_without_names_the_number_of_keypoints_tells(read):
    assert_same(read({"instance_info": mmpose(sample())}), sample())


def test_scores_have_no_bounds(read):
    frames = mmpose(sample(), first=0)
    frames[2]["instances"][0]["keypoint_scores"][:2] = [1.2, -0.3]
    detections = read(frames)
    assert detections.scores[2, :2].tolist() == [1, 0]
    assert detections.keypoints[2, 1].tolist() == [0, 0]


def test_frames_without_anybody_at_the_end_count(read):
    assert read([*mmpose(sample(), first=0), {"frame_id": 5, "instances": []}]).num_frames == 6


def test_entries_may_be_in_any_order(read):
    frames = mmpose(sample(), first=0)
    assert_same(read([frames[i] for i in (3, 0, 4, 1, 2)]), sample())
    shuffled = {"instance_info": [mmpose(sample())[i] for i in (3, 0, 4, 1, 2)]}
    assert_same(read(shuffled), sample())


def test_a_demo_that_counts_from_0_is_believed(read):
    assert_same(read({"instance_info": mmpose(sample(), first=0)}), sample())


@pytest.mark.parametrize("write", [write_folder, write_zip])
@pytest.mark.parametrize("of_demo", [False, True])
def test_one_file_an_image(tmp_path, write, of_demo):
    images = [frame["instances"] for frame in mmpose(sample(), first=0)]
    images = (
        [{"meta_info": {}, "instance_info": people} for people in images] if of_demo else images
    )
    files = {f"image_{frame}.json": people for frame, people in enumerate(images)}
    assert_same(read_detections(write(tmp_path / "out.zip", files)), sample())


@pytest.mark.parametrize(("name", "frame"), [("picture.json", 0), ("000012.json", 12)])
def test_a_single_image(tmp_path, name, frame):
    people = mmpose(sample())[0]["instances"]
    for content in (people, {"meta_info": {}, "instance_info": people}):
        detections = read_detections(write_json(tmp_path / name, content))
        assert detections.frame.tolist() == [frame, frame]


@pytest.mark.parametrize("nothing", [None, [], [None]])
def test_nobody_in_a_frame(read, nothing):
    frames = mmpose(sample(), first=0)
    frames[2]["instances"] = nothing
    frames[0]["instances"][1]["keypoints"] = nothing and [None] * 17
    assert read(frames).frame.tolist() == [0, 4, 4]


def test_whole_bodies_with_and_without_names(read):
    people = sample(COCO_23)
    frames = mmpose(people, first=0)
    for frame in frames:
        for person in frame["instances"]:
            person["keypoints"] += [[1.0, 2.0]] * 110
            person["keypoint_scores"] += [0.5] * 110
    assert_same(read(frames), people)
    names = {str(joint): f"point {joint}" for joint in range(133)}
    for frame in frames:
        frame["frame_id"] += 1
    content = {"meta_info": {"keypoint_id2name": names}, "instance_info": frames}
    assert_same(read(content), people)


def person(**values):
    return lambda frames: frames[2]["instances"][0].update(values)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: f[3].update(frame_id=2), "entry 3: frame_id 2 is there twice"),
        (lambda f: f[3].update(frame_id="3"), "entry 3: frame_id: expected a whole number"),
        (lambda f: f[3].pop("frame_id"), "entry 3: frame_id is missing"),
        (lambda f: f[3].pop("instances"), "frame 3: instances is missing"),
        (
            person(keypoints=[[1.0, 2.0]] * 21, keypoint_scores=[0.5] * 21),
            "frame 2: 21 keypoints, which is none of 16, 17, ",
        ),
        (person(keypoints=[[1.0, 2.0]] * 26), "frame 2: keypoint_scores: expected 26 numbers"),
        (person(keypoints=[[1.0, 2.0, 3.0]] * 17), "frame 2: keypoints: expected 17 x 2 numbers"),
        (person(keypoint_scores=[0.5] * 16), "frame 2: keypoint_scores: expected 17 numbers"),
        (person(track_id=["a"]), "frame 2: track_id: expected a whole number"),
        (lambda f: [frame["instances"].clear() for frame in f], "there is nobody in any frame"),
    ],
)
def test_mistakes_are_named_by_file_and_frame(read, damage, message):
    frames = mmpose(sample(), first=0)
    damage(frames)
    with pytest.raises(InputError, match=r"walk\.json: " + message) as error:
        read(frames)
    assert "\n" not in str(error.value)


def test_keypoints_of_another_set_are_refused_though_their_number_fits(read):
    names = [*COCO_NAMES[:15], "left_thumb", "right_thumb"]
    with pytest.raises(InputError, match="meta_info names 17 keypoints of a set that is not known"):
        read(of_demo(sample(), names))
