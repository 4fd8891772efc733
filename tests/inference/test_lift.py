import dataclasses

import keras
import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17, Skeleton
from tests.long import long


@pytest.fixture(scope="module")
def clip(cmu):
    return cmu.clips(["A10"])[0]


def mirrored(clip):
    keypoints = clip.keypoints[:, H36M_17.flip_joints].copy()
    keypoints[..., 0] = clip.resolution[0] - keypoints[..., 0]
    visibility = clip.visibility[:, H36M_17.flip_joints]
    return dataclasses.replace(clip, keypoints=keypoints, visibility=visibility)


@pytest.mark.parametrize(
    ("assembly", "causal"),
    [
        *(("released", False), ("kinematic", True)),
        *(long("kinematic", False), long("released", True)),
    ],
)
def test_flip_is_the_mean_with_the_mirrored_clip(clip, assembly, causal):
    keras.utils.set_random_seed(0)  # where two directions nearly cancel, rounding would show
    model = AnatomyLifter(H36M_17, (3, 3), channels=8, causal=causal)
    plain, flipped = ClipLifter(model, assembly=assembly), ClipLifter(model, True, assembly)
    straight, other = plain(clip), plain(mirrored(clip))
    averaged = flipped(clip)
    lengths = (straight["lengths"] + other["lengths"][..., H36M_17.flip_bones]) / 2
    np.testing.assert_allclose(averaged["lengths"], lengths, atol=1e-5)
    if assembly == "released":
        joints = (straight["joints"] + other["joints"][:, H36M_17.flip_joints] * [-1, 1, 1]) / 2
        np.testing.assert_allclose(averaged["joints"], joints, atol=1e-5)
    else:
        _, found = joints_to_bones(averaged["joints"], H36M_17)
        np.testing.assert_allclose(found, np.broadcast_to(lengths, found.shape), atol=1e-5)
    twice = flipped(mirrored(clip))["joints"][:, H36M_17.flip_joints] * [-1, 1, 1]
    np.testing.assert_allclose(twice, averaged["joints"], atol=1e-5)


def test_a_model_without_joint_head_cannot_be_assembled_as_released():
    model = AnatomyLifter(H36M_17, (3, 3), channels=8, assembly="kinematic")
    with pytest.raises(InputError, match="trained for kinematic joints"):
        ClipLifter(model, assembly="released")


def test_a_clip_of_another_skeleton_is_refused(clip):
    model = AnatomyLifter(Skeleton(("a", "b", "c"), (-1, 0, 1)), (3, 3), channels=8)
    with pytest.raises(InputError, match=f"clip {clip.name}: its 17 joints are not the 3"):
        ClipLifter(model)(clip)
