"""The weights of a model by the place of their layers in it, alike for all that it can be."""

from __future__ import annotations

from typing import Any

from anatomy_tf.models.lifter import AnatomyLifter


def weights_by_layer(lifter: AnatomyLifter) -> dict[str, list]:
    """All weights of a model, statistics included, by the place of their layers in it."""
    network = lifter.direction_network
    layers: dict[str, Any] = {"stem": network.stem}
    for number, sub_network in enumerate(network.sub_networks, 1):
        for block_number, block in enumerate(sub_network.blocks, 1):
            layers[f"sub-network {number} block {block_number}"] = block
        layers[f"sub-network {number} head"] = sub_network.output_dense
    for number, head in enumerate(lifter.shift_heads, 1):
        layers[f"shift head {number}"] = head
    layers["joint head"] = lifter.joint_head
    if lifter.frame_network:
        frames = lifter.frame_network
        for number, parts in enumerate(zip(frames.hidden, frames.activations, strict=True), 1):
            for part, layer in zip(("dense", "norm"), parts, strict=True):
                layers[f"frame network {part} {number}"] = layer
        layers["frame network head"] = frames.output_dense
        layers["attention"] = lifter.frame_pooling
    found = {name: list(layer.weights) for name, layer in layers.items() if layer is not None}
    return {name: weights for name, weights in found.items() if weights}
