"""Files in the form that Human3.6M and the papers about it have them, of other motion."""

import io
import pathlib
import pickle
import tarfile

import numpy as np
from cdflib import cdfwrite

from anatomy_tf.data.sets.human36m.cameras import cameras_of
from anatomy_tf.data.sets.human36m.takes import JOINTS_OF_32
from anatomy_tf.geometry.camera import project

DOUBLE, FLOAT = 45, 44


def with_32_joints(joints: np.ndarray) -> np.ndarray:
    """Others than the 17 are somewhere else, so that a wrong choice shows."""
    poses = np.full((len(joints), 32, 3), 7.0, np.float32)
    poses[:, JOINTS_OF_32] = joints
    return poses


def cdf_bytes(folder: pathlib.Path, joints: np.ndarray, kind=DOUBLE, shape=None, **spec) -> bytes:
    """A .cdf file with the 32 joints in millimetres as variable `Pose` of shape (1, T, 96)."""
    values = 1000 * with_32_joints(joints).astype({DOUBLE: np.float64, FLOAT: np.float32}[kind])
    values = values.reshape(1, *(shape or (len(joints), 96)))
    path = folder / "written.cdf"
    cdf = cdfwrite.CDF(path, cdf_spec=spec, delete=True)
    variable = {"Variable": "Pose", "Data_Type": kind, "Num_Elements": 1, "Rec_Vary": True}
    cdf.write_var(variable | {"Dim_Sizes": list(values.shape[1:])}, var_data=values)
    cdf.close()
    return path.read_bytes()


def write_tgz(path: pathlib.Path, files: dict[str, bytes], mode: str = "w:gz") -> pathlib.Path:
    with tarfile.open(path, mode) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def write_archive(folder: pathlib.Path, subject: str, cdfs: dict[str, bytes]) -> pathlib.Path:
    inside = f"{subject}/MyPoseFeatures/D3_Positions"
    files = {f"{inside}/{name}.cdf": data for name, data in cdfs.items()}
    return write_tgz(folder / f"Poses_D3_Positions_{subject}.tgz", files)


def seen_by(subject: str, joints: np.ndarray) -> list[np.ndarray]:
    """What the subject's cameras see, in pixels, by this project's camera model."""
    return [
        np.stack(project(camera.world_to_camera(joints), camera.intrinsics), -1).astype(np.float32)
        for camera in cameras_of(subject)
    ]


H36M_METADATA = {
    "layout_name": "h36m",
    "num_joints": 17,
    "keypoints_symmetry": [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]],
}


def write_shared_poses(path: pathlib.Path, poses: dict) -> pathlib.Path:
    np.savez_compressed(path, positions_3d=np.array(poses, dtype=object))
    return path


def write_shared_detections(path: pathlib.Path, positions: dict, **metadata) -> pathlib.Path:
    np.savez_compressed(
        path,
        positions_2d=np.array(positions, dtype=object),
        metadata=np.array(H36M_METADATA | metadata, dtype=object),
    )
    return path


def write_scores(path: pathlib.Path, scores: dict, protocol: int = 2) -> pathlib.Path:
    path.write_bytes(pickle.dumps(scores, protocol))
    return path


def write_shared(folder, files):
    """All three of them, of the dicts `poses`, `positions`, `metadata` and `scores`."""
    write_shared_poses(folder / "data_3d_h36m.npz", files["poses"])
    write_shared_detections(folder / "data_2d.npz", files["positions"], **files["metadata"])
    write_scores(folder / "score.pkl", files["scores"])
