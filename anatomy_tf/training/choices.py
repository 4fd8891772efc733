"""What training can be told by name; without TensorFlow, as `anatomy_tf.choices`."""

import dataclasses

OPTIMIZERS = ("adam", "adamw", "lamb", "radam", "lookahead")
"""`adam`: the published one, with amsgrad. `adamw`: the same, and weights decay. `lamb`: steps as
long as a layer's weights allow (You et al., 2020). `radam`: Adam whose first steps are rectified
(Liu et al., 2020). `lookahead`: around `radam`, weights that follow slowly (Zhang et al., 2019), by
both together known as Ranger.
"""
OPTIMIZERS_OF_ADDONS = ("radam", "lookahead")
"""Those that only tensorflow-addons has; without it, Keras 2 has no `lamb` either."""

WEIGHT_AVERAGES = ("none", "ema", "swa")
"""`none` keeps the last weights. `ema` is an exponential moving average over the steps. `swa` is
the mean of the weights at the ends of the last quarter of the epochs (Izmailov et al., 2018).
"""

LEARNING_RATE_SCHEDULES = ("exponential", "cosine")
"""How the learning rate falls: by a factor an epoch (the paper's), or along half a wave to 0."""

LENGTH_PASSES = ("exact", "fast")
"""How the sampled frames are lifted.

`exact`: all frames of a batch together, as published. Batch statistics and dropout are over all of
them, though the joints of one frame an example have a loss, and the lengths of the others are given
to the attention blocked.

`fast`: the one frame an example that has a loss runs through the network in training mode, alone.
The others run as in inference (moving statistics, no dropout), which is also how the attention will
see them later; no gradient is prepared for them. A third of the multiplies.
"""

PRECISIONS = ("float32", "bfloat16")
"""Of hidden features. Keypoints, batch statistics, weights, and what the heads read and give are
float32 in any case.
"""

STRATEGIES = ("none", "mirrored", "multi_worker")
"""`none`: one device. `mirrored`: all GPUs of this machine. `multi_worker`: all GPUs, or the CPUs,
of the machines that the environment's TF_CONFIG names.
"""

CAMERAS = ("own", "virtual")
"""Clips as their own cameras saw them; or every example seen by a camera that is made up."""


@dataclasses.dataclass(frozen=True)
class LossWeights:
    """Weights of the terms (eq. 7), and of bone length consistency, which only a baseline has.

    `direction_distance` weighs distances of directions where `direction` weighs their squares;
    `scale_free` weighs joints that one factor brings as near as possible; with `distal`, joints and
    bones count more by up to this, the farther they are from the root. `velocity` weighs the error
    of how joints move from frame to frame, where examples have several.

    `lower_sub_networks` scales the terms of all sub-networks but the top one.
    """

    direction: float
    joint_shift: float
    length: float
    joints: float = 1.0
    consistency: float = 0.0
    lower_sub_networks: float = 0.5
    direction_distance: float = 0.0
    scale_free: float = 0.0
    distal: float = 0.0
    velocity: float = 0.0


LOSS_WEIGHTS = {
    "released": LossWeights(direction=0.3, joint_shift=2, length=100),
    "paper": LossWeights(direction=0.02, joint_shift=0.1, length=0.05),
}
"""Presets: what the released code trains with, and what section IV-B says.

All terms are means over bones, joints or pairs. Adam does not see the scale of a term that alone
trains its parameters, so what sets the presets apart is the ratio of direction to joint shift:
1:6.7 and 1:5.
"""
