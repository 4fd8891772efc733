"""Small folders in the layout of the CMU set."""

import json
import pathlib

import numpy as np


def write_mocap_folder(
    folder: pathlib.Path, source, frames: int = 60, test_subject: str = "A10"
) -> pathlib.Path:
    available = sorted(source.takes)
    chosen = [take for take in available if take.startswith("A01/")][:2] + [
        take for take in available if take.startswith(f"{test_subject}/")
    ][:1]
    poses = {key: source.poses.read(key) for key in ("fps", "joint_names", "parents", "unit_m")}
    poses |= {"subjects_train": np.array(["A01"]), "subjects_test": np.array([test_subject])}
    detections = {key: source.detections.read(key) for key in ("px_per_unit", "score_per_unit")}
    takes = {}
    for take in chosen:
        poses[take] = source.poses.read(take)[:frames]
        for camera in range(2):
            detections[f"{take}/{camera}"] = source.detections.read(f"{take}/{camera}")[:frames]
        takes[take] = source.takes[take] | {"cameras": source.takes[take]["cameras"][:2]}
    np.savez(folder / "poses_3d.npz", **poses)
    np.savez(folder / "detections_2d.npz", **detections)
    (folder / "cameras.json").write_text(json.dumps(takes))
    return folder


def rewrite(path: pathlib.Path, **changes) -> None:
    """Changes arrays of an .npz file; None removes one."""
    with np.load(path) as archive:
        arrays = {key: archive[key] for key in archive.files}
    arrays |= changes
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
