"""Detections of every tool, read as far as clips."""

import functools
import pathlib

import numpy as np

from anatomy_tf.data.detections.clips import clips_from_detections
from anatomy_tf.data.detections.plain import write_plain_csv, write_plain_npz
from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.data.keypoint_sets import HALPE_26
from tests.data.detections import samples
from tests.fuzz.reader import Reader

_PHONE = (1080, 1920)


def read(folder: pathlib.Path, name: str) -> None:
    path = folder / name
    resolution = _PHONE if name == "mediapipe.npz" else samples.RESOLUTION
    found = read_detections(path, resolution=resolution)
    clips_from_detections(found, fps=found.fps or 30, resolution=found.resolution or resolution)


def _json(name: str):
    return lambda path: samples.write_json(path, samples.JSON[name])


def _frames(path: pathlib.Path) -> None:
    samples.write_folder(path, samples.openpose(samples.BODY_SAMPLE))


def _labels(path: pathlib.Path) -> None:
    path.mkdir()
    for name, text in samples.labels(samples.sample()).items():
        (path / name).write_text(text)


def _landmarks(path: pathlib.Path) -> None:
    rows = [f"0,{number},0.5,0.{number},0.9" for number in range(33)]
    path.write_text("\n".join(["frame,landmark,x,y,visibility", *rows]))


def _wide(path: pathlib.Path) -> None:
    header = ",".join(f"x{number},y{number},v{number}" for number in range(33))
    path.write_text("\n".join([header, *[",".join(["0.5,0.25,0.9"] * 33)] * 5]))


def _data_set(path: pathlib.Path) -> None:
    positions = {"walk.mp4": {"custom": [np.ones((5, 17, 2)) * 7]}}
    metadata = {"layout_name": "coco", "video_metadata": {"walk.mp4": {"w": 640, "h": 480}}}
    samples.write_npz(path, positions_2d=np.array(positions), metadata=np.array(metadata))


def _mediapipe(path: pathlib.Path) -> None:
    with np.load(samples.FILES / "balance_mediapipe33.npz") as whole:
        np.savez(path, **{key: whole[key][:5] if whole[key].ndim else whole[key] for key in whole})


_FILES = {
    "alphapose.json": _json("alphapose"),
    "mmpose.json": _json("mmpose"),
    "inferencer.json": _json("inferencer"),
    "image.json": _json("image"),
    "rtmlib.json": _json("rtmlib"),
    "ultralytics.json": _json("ultralytics"),
    "javascript.json": _json("javascript"),
    "mediapipe.json": _json("mediapipe"),
    "mediapipe.npz": _mediapipe,
    "openpose.zip": lambda path: samples.write_zip(path, samples.openpose(samples.BODY_SAMPLE)),
    "openpose_frames": _frames,
    "yolo_labels": _labels,
    "detectron2.npz": lambda path: samples.write_npz(path, **samples.detectron2(samples.sample())),
    "plain.csv": lambda path: write_plain_csv(path, samples.sample()),
    "plain.npz": lambda path: write_plain_npz(path, samples.sample()),
    "landmarks.csv": _landmarks,
    "wide.csv": _wide,
    "walk_px_person01.trc": lambda path: path.write_text(
        samples.sports2d(samples.sample(HALPE_26))
    ),
    "data_set.npz": _data_set,
    "lifter.npz": lambda path: samples.write_npz(path, reconstruction=np.ones((1, 5, 17, 2)) * 7),
}
READERS = [
    Reader(
        f"detections/{name}",
        lambda folder, write=write, name=name: write(folder / name),
        functools.partial(read, name=name),
    )
    for name, write in _FILES.items()
]
