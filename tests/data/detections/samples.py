"""The same few people as every tool would write them."""

import json
import pathlib
import zipfile

import numpy as np

from anatomy_tf.data.detections.detections import Detections
from anatomy_tf.data.keypoint_sets import BLAZEPOSE_33, BODY_25, COCO_17

PLACES = {
    "nose": (0, -170),
    **{"neck": (0, -165), "upper_neck": (0, -150), "head": (0, -195), "thorax": (0, -140)},
    **{"spine": (0, -95), "pelvis": (0, -50), "l_eye_inner": (3, -176), "l_eye": (5, -176)},
    **{"l_eye_outer": (7, -176), "l_ear": (10, -172), "l_mouth": (4, -164)},
    **{"l_shoulder": (22, -140), "l_elbow": (30, -95), "l_wrist": (34, -55)},
    **{"l_pinky": (36, -48), "l_index": (35, -47), "l_thumb": (33, -50)},
    **{"l_hip": (13, -50), "l_knee": (14, 25), "l_ankle": (15, 95), "l_heel": (15, 102)},
    **{"l_big_toe": (18, 108), "l_small_toe": (22, 106)},
}
"""Where the keypoints of someone who faces the camera are; the right side is the mirror image."""
FILES = pathlib.Path(__file__).parent / "files"
RESOLUTION, FPS = (640, 480), 30.0


def place(name) -> tuple[float, float]:
    x, y = PLACES.get(name.replace("r_", "l_", 1) if name.startswith("r_") else name, (0, 0))
    return (-x if name.startswith("r_") else x), y


def sample(joint_names=COCO_17, tracked=False) -> Detections:
    """Two people in frames 0 and 4, in the other order there, nobody in 1 and 3, one in 2; one
    keypoint not found.
    """
    rng = np.random.default_rng(len(joint_names))
    centres = np.stack([rng.uniform(100, 500, 5), rng.uniform(250, 300, 5)], axis=-1)
    noise = rng.uniform(-2, 2, (5, len(joint_names), 2))
    body = np.array([place(name) for name in joint_names])
    keypoints = (body + noise + centres[:, np.newaxis]).round(3).astype(np.float32)
    scores = rng.uniform(0.1, 1, (5, len(joint_names))).round(3).astype(np.float32)
    keypoints[2, 3] = scores[2, 3] = 0
    return Detections(
        source="sample",
        joint_names=joint_names,
        num_frames=5,
        frame=np.array([0, 0, 2, 4, 4]),
        track=np.array([3, 8, 8, 8, 3] if tracked else [-1] * 5),
        keypoints=keypoints,
        scores=scores,
    )


def assert_same(found: Detections, expected: Detections):
    assert found.joint_names == expected.joint_names
    assert found.num_frames == expected.num_frames
    for field in ("frame", "track", "keypoints", "scores"):
        np.testing.assert_allclose(getattr(found, field), getattr(expected, field), atol=1e-4)


def triples(detections, person) -> list[float]:
    """x, y, score, x, ... as AlphaPose and OpenPose have them."""
    points = np.concatenate(
        [detections.keypoints[person], detections.scores[person][:, np.newaxis]], axis=1
    )
    return points.astype(float).ravel().tolist()


def by_frame(detections):
    """For every frame the indices of its people."""
    return [np.flatnonzero(detections.frame == f).tolist() for f in range(detections.num_frames)]


def alphapose(detections, tracked=False) -> list:
    return [
        {
            "image_id": f"{detections.frame[person]}.jpg",
            "category_id": 1,
            "keypoints": triples(detections, person),
            "score": 2.5,
            "box": [1.0, 2.0, 3.0, 4.0],
            "idx": int(detections.track[person]) if tracked else [0.0],
        }
        for person in range(len(detections.frame))
    ]


def openpose(detections, tracked=False) -> dict[str, dict]:
    return {
        f"walk_{frame:012}_keypoints.json": {
            "version": 1.3,
            "people": [
                {
                    "person_id": [int(detections.track[person])],
                    "pose_keypoints_2d": triples(detections, person),
                    "face_keypoints_2d": [],
                }
                for person in people
            ],
        }
        for frame, people in enumerate(by_frame(detections))
    }


def mmpose(detections, first=1) -> list:
    return [
        {
            "frame_id": frame + first,
            "instances": [
                {
                    "keypoints": detections.keypoints[person].astype(float).tolist(),
                    "keypoint_scores": detections.scores[person].astype(float).tolist(),
                    "bbox": [[1.0, 2.0, 3.0, 4.0]],
                    "bbox_score": 0.9,
                    "track_id": int(detections.track[person]),
                }
                for person in people
            ],
        }
        for frame, people in enumerate(by_frame(detections))
    ]


def rtmlib(detections) -> dict:
    people = by_frame(detections)
    return {
        "keypoints": [detections.keypoints[indices].astype(float).tolist() for indices in people],
        "scores": [detections.scores[indices].astype(float).tolist() for indices in people],
        "resolution": list(RESOLUTION),
        "fps": FPS,
    }


def ultralytics(detections) -> list:
    """What `Results.to_json()` gives, for every frame."""
    return [
        [
            {
                "name": "person",
                "class": 0,
                "confidence": 0.9,
                "box": {"x1": 1.0, "y1": 2.0, "x2": 3.0, "y2": 4.0},
                "track_id": int(detections.track[person]),
                "keypoints": {
                    "x": detections.keypoints[person, :, 0].astype(float).tolist(),
                    "y": detections.keypoints[person, :, 1].astype(float).tolist(),
                    "visible": detections.scores[person].astype(float).tolist(),
                },
            }
            for person in people
        ]
        for people in by_frame(detections)
    ]


def labels(detections, scores=True, confidence=False, tracked=False) -> dict[str, str]:
    """Ultralytics' text files, of the frames with people."""
    files = {}
    for frame, people in enumerate(by_frame(detections)):
        lines = []
        for person in people:
            points = np.reshape(triples(detections, person), (-1, 3))
            points[:, :2] /= RESOLUTION
            cells = [0, 0.5, 0.5, 0.2, 0.8, *points[:, : 3 if scores else 2].ravel()]
            cells += [0.75] * confidence + [detections.track[person]] * tracked
            lines.append(" ".join(f"{cell:.9g}" for cell in cells) + "\n")
        if people:
            files[f"walk_{frame}.txt"] = "".join(lines)
    return files


def sports2d(detections) -> str:
    """The .trc in pixels of the first person in every frame."""
    lines = [
        "PathFileType\t4\t(X/Y/Z)\twalk_px_person01.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate",
        f"{FPS}\t{FPS}\t5\t26\tm\t{FPS}\t0\t5",
        "Frame#\tTime\t" + "\t\t\t".join(map(marker, detections.joint_names)) + "\t\t",
        "\t\tX1\tY1\tZ1",
    ]
    for frame, people in enumerate(by_frame(detections)):
        points = detections.keypoints[people[0]] if people else np.full((26, 2), np.nan)
        cells = "\t".join("\t\t" if np.isnan(x) else f"{x:.3f}\t{y:.3f}\t0" for x, y in points)
        lines.append(f"{frame + 1}\t{frame / FPS:.5f}\t{cells}")
    return "\n".join(lines)


def marker(name) -> str:
    """r_big_toe -> RBigToe."""
    renamed = {"pelvis": "Hip", "thorax": "Neck"}
    return renamed.get(name, "".join(part.capitalize() for part in name.split("_")))


def landmarks(detections) -> list:
    """MediaPipe's, several people to a frame, as the Tasks interface gives them."""
    return [
        [
            [
                {"x": x / RESOLUTION[0], "y": y / RESOLUTION[1], "z": 0.1, "visibility": score}
                for x, y, score in np.reshape(triples(detections, person), (-1, 3)).tolist()
            ]
            for person in people
        ]
        for people in by_frame(detections)
    ]


def detectron2(detections) -> dict:
    """The arguments of VideoPose3D's `np.savez_compressed`."""
    frames = []
    for people in by_frame(detections):
        xy = detections.keypoints[people].transpose(0, 2, 1)
        scores = detections.scores[people][:, np.newaxis]
        rows = np.concatenate([xy, np.zeros_like(scores), scores], axis=1)
        frames.append([[], rows if len(people) else []])
    return {
        "boxes": as_objects([[[], np.zeros((len(rows), 5))] for _, rows in frames]),
        "segments": np.array([None] * len(frames)),
        "keypoints": as_objects(frames),
        "metadata": np.array({"w": RESOLUTION[0], "h": RESOLUTION[1]}),
    }


def as_objects(rows) -> np.ndarray:
    array = np.empty((len(rows), 2), object)
    for row, values in enumerate(rows):
        array[row] = values
    return array


def write_json(path, content) -> pathlib.Path:
    path.write_text(json.dumps(content))
    return path


def write_zip(path, files, **options) -> pathlib.Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return path


def write_folder(path, files) -> pathlib.Path:
    path.mkdir()
    for name, content in files.items():
        write_json(path / name, content)
    return path


def write_npz(path, **arrays) -> pathlib.Path:
    np.savez(path, **arrays)
    return path


BODY_SAMPLE, BLAZEPOSE_SAMPLE = sample(BODY_25), sample(BLAZEPOSE_33)

JSON = {
    "alphapose": alphapose(sample(tracked=True), tracked=True),
    "mmpose": {"meta_info": {}, "instance_info": mmpose(sample())},
    "inferencer": mmpose(sample(), first=0),
    "image": mmpose(sample(), first=0)[0]["instances"],
    "rtmlib": rtmlib(sample()),
    "ultralytics": ultralytics(sample(tracked=True)),
    "javascript": [
        {"poseLandmarks": people[0] if people else []} for people in landmarks(BLAZEPOSE_SAMPLE)
    ],
    "mediapipe": landmarks(BLAZEPOSE_SAMPLE),
}
"""The small files of JSON by the name of their kind."""
