"""What a file is that no reader takes, and what to do with it."""

from __future__ import annotations

import numpy as np

from anatomy_tf.data.detections.tables import Table

_ENDINGS = {
    "a video: run a 2D detector on it first": (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v"),
    "an image: run a 2D detector on it first": (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"),
    "motion capture, which is in 3D already: tools/prepare_mocap.py reads it": (
        *(".bvh", ".amc", ".asf", ".c3d", ".fbx"),
    ),
    "a pickle, which may run anything when it is loaded: save JSON or .npz": (".pkl", ".pickle"),
    "OpenPose's --write_keypoint: write JSON with --write_json": (".yml", ".yaml", ".xml"),
    "a table of pandas, as DeepLabCut writes it: save it as CSV": (".h5", ".hdf5", ".parquet"),
    "a spreadsheet: save it as CSV": (".xlsx", ".xls", ".ods"),
    "one array without a name: save it as .npz with keypoints and keypoint_set": (".npy",),
    "JSON lines: save one JSON list": (".jsonl", ".ndjson"),
    "weights of a network": (".pt", ".pth", ".ckpt", ".onnx", ".tflite", ".keras", ".task"),
}
_KEYS = {
    "COCO annotations, which are no detections of a video": {"images", "annotations"},
    "a drawing of LabelMe": {"shapes", "imagePath"},
    "what MediaPipe finds of hands or faces, without poses": {"multiHandLandmarks"},
}


def by_ending(suffix: str) -> str | None:
    """What a file of this ending is likely to be, or None."""
    return next((what for what, endings in _ENDINGS.items() if suffix in endings), None)


def by_content(content: object) -> str:
    """What parsed content seems to be, as the end of a sentence."""
    if isinstance(content, dict):
        return _of_keys(content)
    if isinstance(content, Table):
        return _of_columns(content.columns)
    if isinstance(content, str):
        return "text without the numbers of any tool"
    if isinstance(content, list):
        return _of_list(content)
    return "a single value"


def _of_keys(content: dict) -> str:
    keys = {str(key) for key in content}
    for what, there in _KEYS.items():
        if there <= keys:
            return what
    first = next(iter(content.values()), None)
    if isinstance(first, dict) and "bodies" in first:
        return "AlphaPose's --format cmu: run it without --format"
    if isinstance(first, dict) and "people" in first:
        return "AlphaPose's --format open: run it without --format"
    if any(isinstance(value, np.ndarray) for value in content.values()):
        arrays = [
            f"{_printable(key)} {getattr(value, 'shape', type(value).__name__)}"
            for key, value in content.items()
        ]
        return f"arrays {', '.join(arrays[:4])}: docs/detections.md has the names that are read"
    if not keys:
        return "an empty object"
    names = ", ".join(_printable(key) for key in list(content)[:4])
    return f"an object with {names}: docs/detections.md has what is read"


def _of_list(content: list) -> str:
    first = next((entry for entry in content if entry), None)
    if isinstance(first, dict):
        if "bbox" in first and "keypoints" not in first:
            return "boxes without keypoints: run a model that finds keypoints"
        names = ", ".join(_printable(key) for key in list(first)[:4])
        return f"a list of objects with {names}: docs/detections.md has what is read"
    depth, inner = 0, content
    while isinstance(inner, list) and inner and depth < 10:
        depth, inner = depth + 1, next((entry for entry in inner if entry is not None), None)
    if isinstance(inner, int | float):
        return (
            f"numbers in lists {depth} deep, which do not say what they are: save .npz with "
            "keypoints and keypoint_set, see docs/detections.md"
        )
    return "a list of something else: docs/detections.md has what is read"


def _of_columns(columns: tuple[str, ...]) -> str:
    if columns[:1] == ("scorer",):
        return "a table of DeepLabCut, whose keypoints are no known set"
    names = ", ".join(map(_printable, columns[:6]))
    return f"a table of {names}: docs/detections.md has the columns that are read"


def _printable(name: object) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(name)[:30])
