import dataclasses
import pathlib
import sys
import types

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.speed.reference import Reference

# A checkout in outline: what the adapter calls, without the code behind it.
OUTLINE = {
    "arguments": """
import sys, types
def parse_args():
    flags = dict(flag.lstrip("-").split("=") for flag in sys.argv[1:])
    return types.SimpleNamespace(
        boneindex="16,15,15,14", augdegree=0.6, stride=1, data_augmentation=True,
        batch_size=int(flags["batch-size"]), randnum=int(flags["randnum"]))
""",
    "bone": "getbonedirect = getbonejs = getbonelength = None",
    "camera": "from common.bone import *\nproject_to_2d = None",
    "generators": """
UnchunkedGenerator = None
class ChunkedGenerator:
    given = []
    def __init__(self, *args, **kwargs):
        self.given.append((args, kwargs))
    def next_epoch(self):
        yield ["example"] * 5, None
        yield ["example"] * 2, None
""",
    "loss": "mpjpe = None",
    "model": "TemporalModel = TemporalModelOptimized1f = None",
}


@pytest.fixture
def checkout(tmp_path) -> pathlib.Path:
    (tmp_path / "common").mkdir()
    for name, text in OUTLINE.items():
        (tmp_path / "common" / f"{name}.py").write_text(text)
    return tmp_path


@pytest.fixture
def torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))


def test_a_folder_that_is_no_checkout(checkout):
    (checkout / "common" / "model.py").unlink()
    with pytest.raises(InputError, match=r"not a checkout of Anatomy3D: no common/model\.py") as e:
        Reference(checkout)
    assert str(checkout) in str(e.value)


def test_no_torch(checkout, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=r"pip install -e '\.\[reference\]'"):
        Reference(checkout)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("TemporalModel = None", r"common/model\.py has no TemporalModelOptimized1f"),
        ("import no_such_package", "cannot be imported: .*no_such_package"),
    ],
)
def test_a_checkout_of_something_else(checkout, torch, text, message):
    (checkout / "common" / "model.py").write_text(text)
    with pytest.raises(InputError, match=message):
        Reference(checkout)
    assert "common" not in sys.modules


def test_leaves_the_name_common_and_the_command_line_alone(
    checkout, torch, cmu_test_clips, monkeypatch
):
    mine = types.ModuleType("common")
    monkeypatch.setitem(sys.modules, "common", mine)
    argv = list(sys.argv)
    Reference(checkout).training_batches(cmu_test_clips[:1], (3, 3), batch_size=5, sampled_frames=9)
    assert sys.modules["common"] is mine
    assert not [name for name in sys.modules if name.startswith("common.")]
    assert sys.argv == argv


def test_training_batches_feed_the_generator_as_run_py_does(checkout, torch, cmu_test_clips):
    clip = cmu_test_clips[0]
    short = dataclasses.replace(
        clip, keypoints=clip.keypoints[:8], visibility=clip.visibility[:8], joints=clip.joints[:8]
    )
    reference = Reference(checkout)
    draw = reference.training_batches([short, clip], (3, 3, 3), batch_size=5, sampled_frames=9)
    assert [draw(), draw(), draw()] == [5, 2, 5]

    (((batch_size, *arrays, sampled, bones, _, stride), kwargs),) = (
        reference._common.generators.ChunkedGenerator.given
    )
    assert (batch_size, sampled, bones, stride) == (5, 9, [[16, 15], [15, 14]], 1)
    assert kwargs["pad"] == 13
    assert kwargs["augment"]
    assert kwargs["kps_left"] == kwargs["joints_left"] == list(H36M_17.left)
    assert [len(array) for array in arrays] == [1, 1, 1]
    (camera,), (joints,), (keypoints,) = arrays
    np.testing.assert_array_equal(camera, clip.camera.screen_intrinsics)
    np.testing.assert_array_equal(keypoints[..., :2], clip.screen_keypoints())
    np.testing.assert_array_equal(keypoints[..., 2], clip.visibility.astype(np.float32))
    np.testing.assert_array_equal(joints[:, 0], clip.camera_joints()[:, 0])
    absolute = joints[:, 1:] + joints[:, :1]
    np.testing.assert_allclose(absolute, clip.camera_joints()[:, 1:], atol=1e-5)


def test_clips_that_the_reference_cannot_take(checkout, torch, cmu_test_clips):
    clip = cmu_test_clips[0]
    reference = Reference(checkout)
    with pytest.raises(InputError, match=f"no clip has {len(clip) + 1} frames or more"):
        reference.training_batches([clip], (3,), batch_size=5, sampled_frames=len(clip) + 1)
    with pytest.raises(InputError, match=f"clip {clip.name}: joints"):
        unlabelled = dataclasses.replace(clip, joints=None)
        reference.training_batches([unlabelled], (3,), batch_size=5, sampled_frames=9)
    with pytest.raises(InputError, match=f"clip {clip.name}: .* 17 joints"):
        other = dataclasses.replace(H36M_17, joint_names=tuple("abcdefghijklmnopq"))
        other_joints = dataclasses.replace(clip, skeleton=other)
        reference.training_batches([other_joints], (3,), batch_size=5, sampled_frames=9)
    with pytest.raises(InputError, match="filter widths of 3 only"):
        reference.lifting(clip, (3, 5), channels=8, sampled_frames=9)
