"""Published data sets and the mocap folder, read as far as clips."""

import pathlib

import numpy as np

from anatomy_tf.data.sets.aist import open_aist
from anatomy_tf.data.sets.aspset import open_aspset
from anatomy_tf.data.sets.human36m.archives import takes_of_archives
from anatomy_tf.data.sets.human36m.community import read_shared_detections, takes_of_file
from anatomy_tf.data.sets.human36m.prepare import write_human36m
from anatomy_tf.data.sets.humaneva import open_humaneva
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.data.sets.mpi_inf_3dhp import open_mpi_inf_3dhp
from anatomy_tf.data.sources import open_source
from tests.data.files.matlab_files import write_v5
from tests.data.sets import aist_files, aspset_files, humaneva_files, mpi_inf_3dhp_files
from tests.data.sets.human36m import files as human36m_files
from tests.fuzz.forked import reading_in_forks
from tests.fuzz.of_motion import real_motion
from tests.fuzz.reader import Reader
from tests.mocap_folder import write_mocap_folder

FRAMES = 40


def _read_all(source) -> None:
    source.clips([*source.train_subjects, *source.test_subjects])


def _write_archives(folder: pathlib.Path) -> None:
    cdf = human36m_files.cdf_bytes(folder, real_motion()[:10])
    (folder / "written.cdf").unlink()
    human36m_files.write_archive(folder, "S9", {"Eating": cdf})


@reading_in_forks()
def _read_archives(folder: pathlib.Path) -> None:
    for takes in takes_of_archives(folder).values():
        list(takes)


def _write_community(folder: pathlib.Path) -> None:
    motion = real_motion()[:10]
    scores = np.full((4, len(motion), 17), 0.5, np.float32)
    human36m_files.write_shared(
        folder,
        {
            "poses": {"S9": {"Photo 1": human36m_files.with_32_joints(motion)}},
            "positions": {"S9": {"Photo 1": human36m_files.seen_by("S9", motion)}},
            "scores": {f"S9_Photo 1.{camera}": scores[camera] for camera in range(4)},
            "metadata": {},
        },
    )


def _read_community(folder: pathlib.Path) -> None:
    takes = takes_of_file(folder / "data_3d_h36m.npz")
    detections = read_shared_detections(folder / "data_2d.npz", folder / "score.pkl")
    out = folder.parent / "out"
    write_human36m(out, takes, detections)
    for file in out.iterdir():
        file.unlink()


def _views() -> np.ndarray:
    joints = real_motion()[: mpi_inf_3dhp_files.FRAMES].astype(np.float64)
    joints = joints - joints[:1, :1] + [0, 0, 4]
    return np.stack([1000 * (joints + [0.05 * camera, 0, 1]) for camera in range(14)])


def _write_3dhp(folder: pathlib.Path, write=None) -> None:
    views = _views()
    mpi_inf_3dhp_files.write_training(folder, views[:, :4], **({"write": write} if write else {}))
    mpi_inf_3dhp_files.write_test_set(folder, views)


def _write_uncompressed(folder: pathlib.Path) -> None:
    _write_3dhp(folder, lambda path, variables: write_v5(path, variables, compressed=False))


def _read_3dhp(subject: str):
    return lambda folder: open_mpi_inf_3dhp(folder, cameras=(0, 13)).clips([subject])


def _write_humaneva(folder: pathlib.Path) -> None:
    motion = humaneva_files.centred(real_motion()[: humaneva_files.FRAMES])
    humaneva_files.write(folder, *humaneva_files.archives(motion))


def _write_aspset(folder: pathlib.Path) -> None:
    motion = real_motion()[:8].astype(np.float64)
    aspset_files.write(folder, motion - motion[:1, :1] + [0, 6, 0])


@reading_in_forks()
def _read_aspset(folder: pathlib.Path) -> None:
    source = open_aspset(folder)
    source.clips(source.train_subjects[:1])


def _write_aist(folder: pathlib.Path) -> None:
    motion = real_motion()[:FRAMES].astype(np.float64)
    aist_files.write(folder, motion - motion[:1, :1] * [1, 1, 0])


def _read_aist(folder: pathlib.Path) -> None:
    source = open_aist(folder)
    source.clips(source.train_subjects)


def _write_mocap(folder: pathlib.Path) -> None:
    write_mocap_folder(folder, open_source("cmu"), frames=12)


_OF_3DHP = "data_sets/mpi_inf_3dhp"
READERS = [
    Reader("data_sets/human36m_archives", _write_archives, _read_archives),
    Reader("data_sets/human36m_poses", _write_community, _read_community, ("data_3d*",)),
    Reader("data_sets/human36m_detections", _write_community, _read_community, ("data_2d*",)),
    Reader("data_sets/human36m_scores", _write_community, _read_community, ("*.pkl",)),
    Reader(f"{_OF_3DHP}_v5", _write_3dhp, _read_3dhp("S1"), ("S1/*.mat",)),
    Reader(f"{_OF_3DHP}_v5_plain", _write_uncompressed, _read_3dhp("S1"), ("S1/*.mat",)),
    Reader(f"{_OF_3DHP}_v73", _write_3dhp, _read_3dhp("TS1"), ("TS1/*.mat",)),
    Reader(f"{_OF_3DHP}_cameras", _write_3dhp, _read_3dhp("S1"), ("*.calibration",)),
    Reader("data_sets/humaneva", _write_humaneva, lambda f: _read_all(open_humaneva(f))),
    Reader("data_sets/aspset_c3d", _write_aspset, _read_aspset, ("trainval/*/04ac/*.c3d",)),
    Reader(
        "data_sets/aspset_texts",
        _write_aspset,
        _read_aspset,
        ("*.csv", "trainval/*/04ac/*.json"),
    ),
    Reader("data_sets/aist_pickles", _write_aist, _read_aist, (f"*/{aist_files.TRAIN}.pkl",)),
    Reader("data_sets/aist_texts", _write_aist, _read_aist, ("*.json", "*.txt")),
    Reader(
        "data_sets/mocap_arrays",
        _write_mocap,
        lambda folder: _read_all(open_mocap_folder(folder)),
        ("*.npz",),
    ),
    Reader(
        "data_sets/mocap_cameras",
        _write_mocap,
        lambda folder: _read_all(open_mocap_folder(folder)),
        ("*.json",),
    ),
]
