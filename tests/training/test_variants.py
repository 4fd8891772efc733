"""The rows of the paper's Table VI: which parameters a flagfile's model has, and which loss reaches
which.
"""

import dataclasses
import functools
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.errors import InputError
from anatomy_tf.flagfiles import read_flags
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.losses import anatomy_losses, consistency_loss
from anatomy_tf.training.outputs import training_outputs
from anatomy_tf.training.run import training_sampling
from anatomy_tf.training.run_checks import check_run
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.schedules import Schedule
from tests.long import long_but
from tools import train

CONFIGS = pathlib.Path(__file__).parents[2] / "configs" / "ablation"
ROWS = (
    *("baseline", "baseline_jsl_lsc_score", "af", "af_ml", "af_ml_att", "af_ml_att_aug"),
    *("af_ml_att_aug_jsl", "af_ml_att_aug_jsl_lsc", "full"),
    *("composition", "consistency", "consecutive", "baseline_d", "fusion"),
)

# What is trained, part by part, and by which losses. "frames" is the network on single frames.
DIRECTIONS = {"direction"}
FRAMES = {"picked_joints"}
MADE_UP = {"augmented_picked_joints"}
LENGTHS = {"length", "augmented_length"}
SHIFTED = {"direction", "joint_shift"}
BLOCKS = {"stem keypoints": DIRECTIONS, "blocks 0": DIRECTIONS, "head 0": DIRECTIONS}
AF_ML_ATT = {**BLOCKS, "joint head": {"joints"}, "frames": FRAMES, "attention": {"length"}}
AF_ATT_AUG = AF_ML_ATT | {"frames": FRAMES | MADE_UP, "attention": LENGTHS}
AF_JSL = {
    **AF_ATT_AUG,
    **dict.fromkeys(BLOCKS, SHIFTED),
    "shift head 0": {"joint_shift"},
}
AF_LSC = {
    **AF_JSL,
    **dict.fromkeys(("blocks 1", "skips 1", "head 1"), SHIFTED),
    "shift head 1": {"joint_shift"},
}
JOINTS = dict.fromkeys(BLOCKS, frozenset({"joints"}))
EXPECTED = {
    "baseline": JOINTS,
    "baseline_jsl_lsc_score": dict.fromkeys(
        (*BLOCKS, "stem scores", "blocks 1", "skips 1", "head 1"),
        frozenset({"joints", "joint_shift"}),
    ),
    "af": {**BLOCKS, "joint head": {"joints"}, "frames": {"length"}},
    "af_ml": {**BLOCKS, "joint head": {"joints"}, "frames": FRAMES},
    "af_ml_att": AF_ML_ATT,
    "af_ml_att_aug": AF_ATT_AUG,
    "af_ml_att_aug_jsl": AF_JSL,
    "af_ml_att_aug_jsl_lsc": AF_LSC,
    "full": AF_LSC | {"stem scores": SHIFTED},
    "composition": dict.fromkeys(BLOCKS, frozenset({"joint_shift"})),
    "consistency": dict.fromkeys(BLOCKS, frozenset({"joints", "consistency"})),
    "consecutive": AF_JSL,
    "baseline_d": {
        **{part: losses for part, losses in AF_JSL.items() if part != "head 0"},
        **dict.fromkeys(("blocks 1", "head 1"), SHIFTED),
    },
    "fusion": AF_LSC,
}


@pytest.fixture(scope="module")
def table(cmu):
    return build_frame_table(cmu.clips(["A01"])[:4])


def variant(row: str):
    """The model of a flagfile, but for its width, its sampling, and the weights of its losses."""
    train.FLAGS(["train", *read_flags(CONFIGS / f"{row}.cfg"), "--output_dir=unused"])
    arguments = train.model_arguments() | {"channels": 8}
    sampling = Sampling(
        sampled_frames=5,
        consecutive=train.FLAGS.sample_consecutive,
        augmentation_degree=train.FLAGS.augmentation_degree,
        batch_size=4,
    )
    weights = train.loss_weights()
    train.FLAGS.unparse_flags()
    lifter = AnatomyLifter(H36M_17, **arguments)
    return lifter, training_sampling(sampling, lifter, weights), weights


def parts(lifter: AnatomyLifter) -> dict[str, list]:
    network = lifter.direction_network
    found = {
        "stem keypoints": [network.stem.keypoint_conv, network.stem.keypoint_activation],
        "joint head": [lifter.joint_head],
        "frames": [lifter.frame_network],
        "attention": [lifter.frame_pooling],
    }
    if network.stem.visibility_conv:
        found["stem scores"] = [network.stem.visibility_conv, network.stem.visibility_activation]
    for i, sub_network in enumerate(network.sub_networks):
        found[f"head {i}"] = [sub_network.output_dense]
        found[f"skips {i}"] = [block.skip_conv for block in sub_network.blocks]
        found[f"blocks {i}"] = [
            layer
            for block in sub_network.blocks
            for layer in (block.conv, block.conv_activation, block.dense, block.dense_activation)
        ]
    for i, head in enumerate(lifter.shift_heads):
        found[f"shift head {i}"] = [head]
    variables = {
        part: [v for layer in layers if layer for v in layer.trainable_variables]
        for part, layers in found.items()
    }
    return {part: values for part, values in variables.items() if values}


@pytest.mark.parametrize("row", long_but(("baseline", "composition", "full"), ROWS))
def test_which_loss_reaches_which_parameters(row, table):
    lifter, sampling, weights = variant(row)
    dataset = training_dataset(table, sampling, lifter.receptive_field, lifter.causal)
    inputs, targets = next(iter(dataset))
    with tf.GradientTape(persistent=True) as tape:
        outputs = training_outputs(lifter, inputs)
        terms = anatomy_losses(outputs, targets, weights, lifter)
    by_part = parts(lifter)
    assert sum(map(len, by_part.values())) == len(lifter.training_variables())
    reached = {part: set() for part in by_part}
    for term, loss in terms.items():
        for part, gradients in tape.gradient(loss, by_part).items():
            # The last bias of a softmax or before a batch norm has gradient 0, but a part is more
            # than that.
            if any(g is not None and np.abs(g).max() > 0 for g in gradients):
                reached[part].add(term)
    assert reached == EXPECTED[row]


@functools.cache
def shapes(row: str) -> dict[str, list]:
    lifter, _, _ = variant(row)
    return {part: [tuple(v.shape) for v in values] for part, values in parts(lifter).items()}


@pytest.mark.parametrize(
    ("row", "after", "added", "changed"),
    [
        ("af", "af_ml", set(), {"frames"}),  # its outputs are joints instead of lengths
        ("af_ml", "af_ml_att", {"attention"}, set()),
        ("af_ml_att", "af_ml_att_aug", set(), set()),
        ("af_ml_att_aug", "af_ml_att_aug_jsl", {"shift head 0"}, set()),
        (
            *("af_ml_att_aug_jsl", "af_ml_att_aug_jsl_lsc"),
            *({"blocks 1", "skips 1", "head 1", "shift head 1"}, set()),
        ),
        # The first block reads the weighed scores beside the features.
        ("af_ml_att_aug_jsl_lsc", "full", {"stem scores"}, {"blocks 0"}),
        ("af_ml_att_aug_jsl_lsc", "fusion", set(), {"stem keypoints"}),
        ("af_ml_att_aug_jsl", "consecutive", set(), set()),
        ("baseline", "consistency", set(), set()),
        ("baseline", "composition", set(), {"head 0"}),  # bones instead of joints
    ],
)
def test_switching_a_part_changes_only_that_part(row, after, added, changed):
    before, now = shapes(row), shapes(after)
    assert set(now) - set(before) == added
    assert not set(before) - set(now)
    assert {part for part in before if before[part] != now[part]} == changed


def test_baseline_d_has_the_blocks_of_the_long_skips_and_one_head():
    skips, deep = shapes("af_ml_att_aug_jsl_lsc"), shapes("baseline_d")
    assert set(skips) - set(deep) == {"skips 1", "head 0", "shift head 1"}
    assert {part for part in deep if deep[part] != skips[part]} == set()


def test_without_long_skips_inference_need_not_repeat_the_fed_feature():
    network = AnatomyLifter(H36M_17, (3, 5, 3), channels=8, long_skips=False).direction_network
    fed = np.random.default_rng(0).normal(size=(2, 4, 8)).astype(np.float32)
    upper = network.sub_networks[1]
    features = tf.repeat(fed[:, :, tf.newaxis], 15, axis=2)
    for block in upper.blocks:
        features = block.of_windows(features)
    once = network._upper_top_without_skips(upper, tf.constant(fed), training=False)
    np.testing.assert_allclose(once, features[:, :, 0], atol=1e-5)


def test_consistency_is_the_mean_difference_of_bone_lengths():
    joints = np.zeros((1, 1, 17, 3), np.float32)
    joints[..., 0] = np.arange(17)
    _, far = H36M_17.bones[0]
    longer = joints.copy()
    longer[..., list(H36M_17.descendants[0]), 0] += 0.8
    assert far in H36M_17.descendants[0]
    assert consistency_loss(joints, joints, H36M_17).numpy() == 0
    assert consistency_loss(joints, longer, H36M_17).numpy() == pytest.approx(0.8 / 16, rel=1e-5)


def test_consistency_without_regressed_joints_is_refused(tmp_path):
    lifter, sampling, weights = variant("consistency")
    other = AnatomyLifter(H36M_17, (3, 3), channels=4)
    assert training_sampling(sampling, lifter, weights).other_windows
    choices = RunChoices(lifter.get_config(), sampling, Schedule(60), weights)
    check_run(choices, tmp_path)
    with pytest.raises(InputError, match="consistency is a loss of assembly joints, not of rel"):
        check_run(dataclasses.replace(choices, model=other.get_config()), tmp_path)
