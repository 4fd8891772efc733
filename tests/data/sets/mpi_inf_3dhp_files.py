"""MPI-INF-3DHP as its download has it, of `(14, T, 17, 3)` mm in the space of 14 cameras, in
Human3.6M's order.
"""

import numpy as np

from anatomy_tf.data.sets.bodies import MPI_INF_3DHP_17
from anatomy_tf.geometry.camera import Camera, project
from anatomy_tf.skeleton import H36M_17
from tests.data.files.matlab_files import as_cells, write_v5, write_v73

FRAMES = 30
UNIVERSAL = 0.9
# Where the training set's rows have the joints of the test set, as its own scripts say.
RELEVANT = (7, 5, 14, 15, 16, 9, 10, 11, 23, 24, 25, 18, 19, 20, 4, 3, 6)
STUDIO = Camera((2048, 2048), (1497.5, 1496.25), (1024.5, 1051.0))


def in_order(motion):
    return motion[..., [H36M_17.joint_names.index(name) for name in MPI_INF_3DHP_17.joint_names], :]


def rows_of_28(values):
    """`(T, 17, C)` in the test set's order -> `(T, 28 * C)`, the other joints far away."""
    rows = np.full((len(values), 28, values.shape[-1]), 1e6)
    rows[:, RELEVANT] = values
    return rows.reshape(len(rows), -1)


def pixels(millimetres, camera):
    return np.stack(project(millimetres, camera.intrinsics), axis=-1)


def training_annotations(motion):
    views = in_order(motion)
    return {
        "annot2": as_cells([rows_of_28(pixels(view, STUDIO)) for view in views]),
        "annot3": as_cells([rows_of_28(view) for view in views]),
        "univ_annot3": as_cells([rows_of_28(UNIVERSAL * view) for view in views]),
        "cameras": np.arange(14.0)[np.newaxis],
        "frames": np.arange(float(FRAMES))[:, np.newaxis],
    }


def annotations_of_test_set(motion, camera):
    view = in_order(motion)[0]

    def stored(values):
        return np.ascontiguousarray(values.transpose(2, 1, 0)[:, :, np.newaxis])

    return {
        "annot2": stored(pixels(view, camera)),
        "annot3": stored(view),
        "univ_annot3": stored(UNIVERSAL * view),
        "valid_frame": (np.arange(FRAMES) % 3 == 0).astype(np.uint8)[np.newaxis],
        "activity_annotation": (1.0 + np.arange(FRAMES) // 10)[np.newaxis],
    }


def calibration(cameras=range(14)):
    lines = ["Skeletool Camera Calibration File V1.0"]
    for camera in cameras:
        lines += [
            f"name          {camera}",
            "  sensor      10 10",
            "  size        2048 2048",
            "  animated    0",
            "  intrinsic   1497.5 0 1024.5 0 0 1496.25 1051 0 0 0 1 0 0 0 0 1 ",
            f"  extrinsic   1 0 0 {camera} 0 1 0 0 0 0 1 0 0 0 0 1 ",
            "  radial      0",
        ]
    return "\n".join(lines) + "\n"


def write_training(folder, motion, subject="S1", write=write_v5):
    annotations = training_annotations(motion)
    for sequence in ("Seq1", "Seq2"):
        (folder / subject / sequence).mkdir(parents=True)
        write(folder / subject / sequence / "annot.mat", annotations)
        (folder / subject / sequence / "camera.calibration").write_text(calibration())
    return folder


def write_test_set(folder, motion, subject="TS1", camera=STUDIO, write=write_v73):
    (folder / subject).mkdir(parents=True)
    write(folder / subject / "annot_data.mat", annotations_of_test_set(motion, camera))
    return folder
