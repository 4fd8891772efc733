"""Number by number against the published implementation; see tests/golden/README.md."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.export.released.released_weights import (
    BONES,
    load_released_weights,
    released_weights,
    sorted_bone,
)
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.losses import anatomy_losses
from anatomy_tf.training.outputs import training_outputs

GOLDEN = np.load(pathlib.Path(__file__).parents[1] / "golden" / "w333_c16.npz", allow_pickle=False)
OUR_BONES = H36M_17.bones.tolist()
ORDER = [OUR_BONES.index(sorted_bone(bone, OUR_BONES)) for bone in BONES]
SIGN = np.array([1 if [near, far] in OUR_BONES else -1 for far, near in BONES])
TO_OURS = np.argsort(ORDER)


def golden(prefix: str) -> dict[str, np.ndarray]:
    return {key[len(prefix) :]: GOLDEN[key] for key in GOLDEN.files if key.startswith(prefix)}


@pytest.fixture(params=["symmetric", "causal"])
def kind(request):
    return request.param


@pytest.fixture
def lifter(kind):
    lifter = AnatomyLifter(
        H36M_17,
        filter_widths=GOLDEN["meta/widths"],
        channels=int(GOLDEN["meta/channels"]),
        dropout=0.0,
        causal=kind == "causal",
        self_pairs=True,
        gamma=float(GOLDEN["meta/temperature"]),
    )
    load_released_weights(lifter, golden(f"{kind}/weights/"))
    return lifter


@pytest.fixture
def inputs(kind):
    given = golden(f"{kind}/inputs/")
    examples = len(given["keypoints"])
    inputs = {
        "keypoints": given["keypoints"][..., :2],
        "visibility": given["keypoints"][..., 2],
        "sampled_keypoints": given["sampled_keypoints"],
        "augmented_sampled_keypoints": given["aug_keypoints"],
        "sample_of": np.arange(examples),
        "picked": np.full(examples, golden(f"{kind}/targets/")["picked_frame"]),
    }
    return {name: tf.constant(value) for name, value in inputs.items()}


@pytest.fixture
def targets(kind):
    given = golden(f"{kind}/targets/")
    picked = int(given["picked_frame"])
    return {
        "joints": given["joints"],
        "lengths": given["lengths"][:, TO_OURS],
        "augmented_lengths": given["aug_lengths"][:, TO_OURS],
        "picked_joints": given["sampled_joints"][:, picked],
        "augmented_picked_joints": given["aug_joints"][:, picked],
    }


def train_once(lifter, inputs, targets):
    with tf.GradientTape() as tape:
        outputs = training_outputs(lifter, inputs)
        terms = anatomy_losses(outputs, targets, LOSS_WEIGHTS["released"], lifter)
        loss = tf.add_n(list(terms.values()))
    return terms, loss, tape.gradient(loss, lifter.training_variables())


def test_the_bones_are_those_of_the_golden_file():
    assert [list(bone) for bone in BONES] == GOLDEN["meta/bones"].tolist()


def test_all_nine_outputs(kind, lifter, inputs):
    expected = golden(f"{kind}/eval/")
    outputs = training_outputs(lifter, inputs, training=False)

    def bones_in_order(lengths):
        return np.asarray(lengths)[:, ORDER]

    def directions_in_order(directions):
        return (directions.numpy()[:, 0, ORDER] * SIGN[:, None]).reshape(-1, 48, 1)

    computed = {
        "joints": outputs["joints"][-1],
        "lengths": bones_in_order(outputs["lengths"]),
        "sampled_joints": lifter.length_model(inputs["sampled_keypoints"])["sampled_joints"],
        "aug_lengths": bones_in_order(outputs["augmented_lengths"]),
        "aug_joints": lifter.length_model(inputs["augmented_sampled_keypoints"])["sampled_joints"],
        "directions_1": directions_in_order(outputs["directions"][0]),
        "directions_2": directions_in_order(outputs["directions"][1]),
        "shifts_1": outputs["shifts"][0],
        "shifts_2": outputs["shifts"][1],
    }
    assert computed.keys() == expected.keys()
    for name, value in computed.items():
        np.testing.assert_allclose(value, expected[name], atol=1e-5, err_msg=name)


def test_every_loss(kind, lifter, inputs, targets):
    expected = golden(f"{kind}/train/loss/")
    terms, loss, _ = train_once(lifter, inputs, targets)
    names = {
        "joints": "joints",
        "direction": "direction",
        "shift": "joint_shift",
        "sampled_joints": "picked_joints",
        "aug_joints": "augmented_picked_joints",
        "length": "length",
        "aug_length": "augmented_length",
    }
    for released, ours in names.items():
        np.testing.assert_allclose(terms[ours], expected[released], rtol=1e-5, err_msg=ours)
    np.testing.assert_allclose(loss, expected["total"], rtol=1e-5)


def test_every_gradient(kind, lifter, inputs, targets):
    """Within 1e-5 of the largest gradient of a variable's layer.

    Biases before a batch norm, and that of the attention's softmax, have gradient 0 but for
    rounding.
    """
    variables, values = zip(*released_weights(lifter, golden(f"{kind}/train/grad/")), strict=True)
    references = [variable.ref() for variable in tensorflow_variables(variables)]
    expected = dict(zip(references, values, strict=True))
    _, _, gradients = train_once(lifter, inputs, targets)
    trained = tensorflow_variables(lifter.training_variables())
    computed = {
        variable.ref(): gradient
        for variable, gradient in zip(trained, gradients, strict=True)
        if gradient is not None
    }
    assert computed.keys() == expected.keys()
    layers: list[list[tf.Variable]] = []  # one after the other, offsets after what they belong to
    for variable in trained:
        if variable.name.endswith(("bias:0", "beta:0")):
            layers[-1].append(variable)
        else:
            layers.append([variable])
    for layer in layers:
        scale = max(1.0, *(np.abs(expected[variable.ref()]).max() for variable in layer))
        for variable in layer:
            np.testing.assert_allclose(
                computed[variable.ref()],
                expected[variable.ref()],
                atol=1e-5 * scale,
                err_msg=variable.name,
            )


def test_running_statistics_after_a_step(kind, lifter, inputs, targets):
    train_once(lifter, inputs, targets)
    compared = 0
    for variable, expected in released_weights(lifter, golden(f"{kind}/train/")):
        np.testing.assert_allclose(variable, expected, atol=1e-5, err_msg=variable.name)
        compared += 1
    assert compared == 2 * 15


def test_whole_clip(kind, lifter):
    clip = GOLDEN[f"{kind}/video/keypoints"]
    outputs = lifter({"keypoints": clip[..., :2], "visibility": clip[..., 2]})
    np.testing.assert_allclose(outputs["joints"], GOLDEN[f"{kind}/video/joints"], atol=1e-5)


def test_weights_of_another_architecture_are_refused(kind):
    weights = golden(f"{kind}/weights/")
    with pytest.raises(InputError, match="expand_conv.weight: shape"):
        load_released_weights(AnatomyLifter(H36M_17, channels=8, self_pairs=True), weights)
    with pytest.raises(InputError, match="layers_conv.4.weight is missing"):
        load_released_weights(
            AnatomyLifter(H36M_17, filter_widths=(3, 3, 3, 3), channels=16, self_pairs=True),
            weights,
        )
