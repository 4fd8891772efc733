"""A trained model whose joints come about otherwise."""

from __future__ import annotations

from anatomy_tf.errors import InputError
from anatomy_tf.models.layer_weights import weights_by_layer
from anatomy_tf.models.lifter import AnatomyLifter


def check_reassembly(assembly: str, final: str) -> None:
    """Raises an InputError where a model of one assembly cannot become one of the other."""
    if (assembly, final) != ("released", "kinematic"):
        raise InputError(
            f"final_assembly: assembly released can become kinematic, not {assembly} {final}"
        )


def with_bones_added_up(lifter: AnatomyLifter) -> AnatomyLifter:
    """A model of assembly `kinematic` with the directions and lengths of one of `released` (eq. 1).

    The regressed joints, which its head was trained to correct on the cameras that it saw, are left
    out; the lengths of a clip's bones are the same in all frames then.
    """
    check_reassembly(lifter.assembly, "kinematic")
    new = AnatomyLifter.from_config(lifter.get_config() | {"assembly": "kinematic"})
    trained = weights_by_layer(lifter)
    for name, weights in weights_by_layer(new).items():
        for weight, value in zip(weights, trained[name], strict=True):
            weight.assign(value)
    return new
