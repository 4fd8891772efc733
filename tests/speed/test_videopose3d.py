import sys
import types

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.peer import open_checkout
from anatomy_tf.speed.reference import Reference
from anatomy_tf.speed.videopose3d import VideoPose3D

# A checkout in outline: what the adapter calls, without the code behind it.
OUTLINE = {
    "generators": """
UnchunkedGenerator = None
class ChunkedGenerator:
    given = []
    def __init__(self, *args, **kwargs):
        self.given.append((args, kwargs))
    def next_epoch(self):
        yield None, ["joints"] * 5, None
        yield None, ["joints"] * 2, None
""",
    "loss": "mpjpe = None",
    "model": "TemporalModel = TemporalModelOptimized1f = None",
    "quaternion": "",
}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))
    (tmp_path / "common").mkdir()
    for name, text in OUTLINE.items():
        (tmp_path / "common" / f"{name}.py").write_text(text)
    return tmp_path


def test_checkouts_are_told_apart(checkout):
    assert isinstance(open_checkout(checkout), VideoPose3D)
    (checkout / "common" / "bone.py").write_text("")
    with pytest.raises(InputError, match="not a checkout of Anatomy3D"):
        open_checkout(checkout)
    assert Reference.lifter_arguments == {}


def test_what_the_checkout_lacks_is_named(checkout):
    (checkout / "common" / "loss.py").write_text("")
    with pytest.raises(InputError, match=r"common/loss\.py has no mpjpe"):
        VideoPose3D(checkout)


def test_training_batches_feed_the_generator_as_run_py_does(checkout, cmu_test_clips):
    clip = cmu_test_clips[0]
    peer = VideoPose3D(checkout)
    draw = peer.training_batches([clip], (3, 3, 3), batch_size=5)
    assert [draw(), draw(), draw()] == [5, 2, 5]
    (((batch_size, *arrays, stride), kwargs),) = peer._common.generators.ChunkedGenerator.given
    assert (batch_size, stride, kwargs["pad"], kwargs["augment"]) == (5, 1, 13, True)
    assert kwargs["kps_left"] == kwargs["joints_left"] == list(H36M_17.left)
    (_,), (joints,), (keypoints,) = arrays
    np.testing.assert_array_equal(keypoints, clip.screen_keypoints())
    np.testing.assert_array_equal(joints[:, 0], clip.camera_joints()[:, 0])


def test_its_model_is_the_baseline_with_as_many_weights():
    """Of VideoPose3D with 27 frames and 1024 channels, as its paper and code have
    it: 8.6 million.
    """
    lifter = AnatomyLifter(**VideoPose3D.lifter_arguments)
    sizes = [variable.shape.num_elements() for variable in lifter.training_variables()]
    stem = 34 * 3 * 1024
    blocks = 2 * (3 + 1) * 1024**2
    norms = 5 * 2 * 1024
    assert sum(sizes) == stem + blocks + norms + 1024 * 51 + 51
