"""Motion capture, its mappings and cameras, read as far as joints in metres."""

import functools
import json
import pathlib

import numpy as np

from anatomy_tf.data.motion.acclaim import read_asf
from anatomy_tf.data.motion.acclaim_motion import read_amc
from anatomy_tf.data.motion.capture_cameras import draw_cameras, read_cameras
from anatomy_tf.data.motion.captured import Reading, read_captured
from anatomy_tf.data.motion.joint_mapping import read_mapping
from anatomy_tf.data.sources import open_source
from tests.data.motion.motion_writing import AMC, ASF, SAME_POINTS, rigid, write_bvh
from tests.fuzz.reader import Reader

FRAMES = 12


@functools.cache
def real_motion() -> np.ndarray:
    """`(T, 17, 3)` metres, z up."""
    source = open_source("cmu")
    return source.clips(source.test_subjects[:1])[0].joints


def _write_bvh(folder: pathlib.Path) -> None:
    write_bvh(folder / "walk.bvh", rigid(real_motion()[:FRAMES]), 50)
    (folder / "mapping.txt").write_text(SAME_POINTS)


def _read_bvh(folder: pathlib.Path) -> None:
    reading = Reading(mapping=read_mapping(folder / "mapping.txt"))
    read_captured(folder / "walk.bvh", folder, reading)


def _write_acclaim(folder: pathlib.Path) -> None:
    (folder / "01.asf").write_text(ASF)
    (folder / "01_01.amc").write_text(AMC)


def _read_acclaim(folder: pathlib.Path) -> None:
    read_amc(folder / "01_01.amc", read_asf(folder / "01.asf"))


def _write_cameras(folder: pathlib.Path) -> None:
    cameras = [
        {
            "res_w": camera.resolution[0],
            "res_h": camera.resolution[1],
            **{
                name: np.asarray(getattr(camera, name)).tolist()
                for name in (
                    *("focal_length", "center", "radial_distortion", "tangential_distortion"),
                    *("orientation", "translation"),
                )
            },
        }
        for camera in draw_cameras(np.random.default_rng(0))[:2]
    ]
    (folder / "cameras.json").write_text(json.dumps({"cameras": cameras}))


READERS = [
    Reader("motion/bvh", _write_bvh, _read_bvh, ("*.bvh",)),
    Reader("motion/mapping", _write_bvh, _read_bvh, ("*.txt",)),
    Reader("motion/asf", _write_acclaim, _read_acclaim, ("*.asf",)),
    Reader("motion/amc", _write_acclaim, _read_acclaim, ("*.amc",)),
    Reader("motion/cameras", _write_cameras, lambda folder: read_cameras(folder / "cameras.json")),
]
