"""What a model costs: parameters, FLOPs as the paper estimates them (table III), and what is really
computed.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from anatomy_tf.models.direction_network import DirectionNetwork
from anatomy_tf.models.heads import BoneVectorHead, KinematicHead, ProductHead
from anatomy_tf.models.layers import Dense, TemporalConv
from anatomy_tf.models.lifter import AnatomyLifter

CLIP_FRAMES = 300
"""Of the clip that is timed."""
SECONDS = 2.5
"""How long each speed is measured."""


@dataclasses.dataclass(frozen=True)
class Multiplies:
    """Multiplies of matrix products and convolutions that one frame of joints takes.

    What only the training needs is not counted: the heads of lower sub-networks, and the joint
    shifts.

    Attributes:
      window: by a window that yields its current frame, from given bone lengths.
      clip: a frame's share of a whole clip, but for the length network; the limit of long clips.
      stream: of the next frame of a stream, but for the length network; None where the model is not
        causal.
      lengths: by the length network for one frame. A clip takes them for all its frames; a stream
        for every frame that may be kept, so none once `firstframes` has its frames; a window for
        the frames sampled beside it.
    """

    window: int
    clip: int
    stream: int | None
    lengths: int


def count_parameters(model: AnatomyLifter) -> int:
    """Trainable parameters, with those of the joint shifts."""
    return sum(_size(variable) for variable in model.training_variables())


def paper_flops(model: AnatomyLifter) -> tuple[int, int]:
    """FLOPs of the direction and of the length network as table III estimates them: 2 a weight.

    The paper does not say which weights. With all digits past the printed ones cut off, its four
    figures of directions and its 12.76M and 16.95M of lengths come out for

    - directions: weights and biases, but not batch norm, of all sub-networks with their heads, and
      of the dense layer that reads the directions in the joint head;
    - lengths: weights without biases, of the attention too.

    Its 4.58M and 8.67M for the lengths of 9 and 27 frames do not, this count gives 4.37M and 8.56M;
    but no count gives all four. Each model has one and the same block more than the one before it,
    so all steps are equal; in the paper they are 4.09M, 4.09M and 4.19M, of which the last is the
    block's.
    """
    directions = _weights(model.direction_network, biases=True)
    if isinstance(model.joint_head, ProductHead):
        directions += _weights(model.joint_head.direction_dense, biases=True)
    return 2 * directions, 2 * _length_weights(model)


def count_multiplies(model: AnatomyLifter) -> Multiplies:
    """Walks the layers: the size of every kernel times the positions that it is applied to."""
    lengths_by_frame = model.causal or model.length_frames.mode == "consecutive"
    clip = _direction_multiplies(model.direction_network, whole_clip=True)
    clip += _joint_multiplies(model, lengths_by_frame)
    window = _direction_multiplies(model.direction_network, whole_clip=False)
    return Multiplies(
        window=window + _joint_multiplies(model, lengths_by_frame=True),
        clip=clip,
        stream=clip if model.causal else None,
        lengths=_length_weights(model),
    )


def lift_window(model: AnatomyLifter, keypoints, visibility, lengths):
    """`(B, w, P, 2)` points as the direction network reads them, `(B, w, J)` and `(B, K)` metres ->
    joints `(B, 1, J, 3)` of the current frame.
    """
    return model.joint_head(model.direction_network(keypoints, visibility)[-1], lengths)


def measure_speeds(model: AnatomyLifter) -> dict[str, dict[str, float]]:
    """Frames a second of a whole clip, and of windows one by one from given lengths: median and
    quartiles.
    """
    joints = model.skeleton.num_joints

    def inputs(frames: int, points: int = joints) -> dict:
        keypoints = tf.random.stateless_normal((1, frames, points, 2), (0, 0), stddev=0.2)
        return {"keypoints": keypoints, "visibility": tf.ones((1, frames, joints))}

    clip, window = inputs(CLIP_FRAMES), inputs(model.receptive_field)
    if model.person_frame:
        clip["focal"] = tf.ones([1])
        points = joints + model.person_frame.num_extra_points
        window = inputs(model.receptive_field, points)
    lengths = tf.fill((1, model.skeleton.num_bones), 0.3)

    @tf.function(autograph=False)
    def of_clip(clip):
        return model(clip)["joints"]

    @tf.function(autograph=False)
    def of_window(window, lengths):
        return lift_window(model, **window, lengths=lengths)

    return {
        "clip": _speed(lambda: of_clip(clip), CLIP_FRAMES),
        "window": _speed(lambda: of_window(window, lengths), 1),
    }


def _direction_multiplies(network: DirectionNetwork, whole_clip: bool) -> int:
    windows = [network.receptive_field // span for span in network.spans]
    # The features of level i that a window takes from places of the clip, the windows of a clip
    # share.
    shared = [1] * len(windows) if whole_clip else windows
    stem, (lowest, *uppers) = network.stem, network.sub_networks
    total = shared[0] * _weights(stem)
    for block, positions in zip(lowest.blocks, shared[1:], strict=True):
        total += positions * (_size(block.conv.kernel) + _size(block.dense.kernel))
    lower = shared[1:]
    for upper in uppers:
        for stage, (block, positions) in enumerate(zip(upper.blocks, windows[1:], strict=True)):
            conv, dense = _size(block.conv.kernel), _size(block.dense.kernel)
            one_frame = (
                conv // block.width
            )  # a convolution of a repeated feature sums its kernel up first
            if not network.long_skips:
                total += one_frame + dense
                continue
            total += positions * conv if stage else one_frame
            total += positions * dense + lower[stage] * _size(block.skip_conv.kernel)
        # Above level 0, which is the stem's, an upper sub-network has features for each window.
        lower = [shared[1], *windows[2:]]
    return total + _size(network.sub_networks[-1].output_dense.kernel)


def _joint_multiplies(model: AnatomyLifter, lengths_by_frame: bool) -> int:
    head = model.joint_head
    if isinstance(head, (KinematicHead, BoneVectorHead)):
        return 3 * model.skeleton.path_matrix.size
    if isinstance(head, ProductHead) and not lengths_by_frame:
        return _weights(head) - _size(head.length_dense.kernel)  # once a clip
    return _weights(head)


def _length_weights(model: AnatomyLifter) -> int:
    if model.frame_network is None:
        return 0
    return _weights(model.frame_network) + _weights(model.frame_pooling)


def _weights(layer: keras.layers.Layer, biases: bool = False) -> int:
    """Of all convolutions and dense layers within a layer."""
    return sum(
        _size(variable)
        for part in layer._flatten_layers()
        if isinstance(part, (Dense, TemporalConv))
        for variable in (part.trainable_variables if biases else [part.kernel])
    )


def _size(variable) -> int:
    return math.prod(variable.shape)


def _speed(lift: Callable[[], tf.Tensor], frames: int) -> dict[str, float]:
    lift()  # traces
    speeds: list[float] = []
    stop = time.perf_counter() + SECONDS
    while time.perf_counter() < stop or len(speeds) < 3:
        start = time.perf_counter()
        lift().numpy()
        speeds.append(frames / (time.perf_counter() - start))
    quartiles = np.percentile(speeds, [25, 50, 75]).tolist()
    return dict(zip(("lower_quartile", "median", "upper_quartile"), quartiles, strict=True))
