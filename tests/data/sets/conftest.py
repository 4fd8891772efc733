import numpy as np
import pytest

from tests.data.sets.mpi_inf_3dhp_files import FRAMES


@pytest.fixture(scope="module")
def motion(cmu):
    """`(14, T, 17, 3)` mm in the space of 14 cameras, in the order of Human3.6M."""
    joints = cmu.clips(["A10"])[0].camera_joints()[:FRAMES].astype(np.float64)
    return np.stack([1000 * (joints + [0.05 * camera, 0, 1]) for camera in range(14)])
