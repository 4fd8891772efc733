"""Training with virtual cameras, in the keypoint frame `person`, to an average of the weights."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.motion_table import build_motion_table
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.batches.variations import Variations
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training import run as run_module
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.losses import anatomy_losses
from anatomy_tf.training.outputs import network_inputs, training_outputs
from anatomy_tf.training.run import run_training, training_sampling
from anatomy_tf.training.run_checks import check_run
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.trainer import build_trainer
from anatomy_tf.training.weight_averages import WeightAverages
from tests.lifters import random_lifter
from tests.long import long
from tests.mocap_folder import write_mocap_folder
from tests.training.interruption import interrupt_after

WEIGHTS = LOSS_WEIGHTS["released"]
MODEL = {"filter_widths": (3, 3), "channels": 4, "keypoint_frame": "person", "sub_networks": 1}
SAMPLING = Sampling(sampled_frames=4, batch_size=8, steps_per_epoch=2)
WINDOW = ("keypoints", "visibility")


@pytest.fixture(scope="module")
def clips(tmp_path_factory, cmu):
    source = open_mocap_folder(write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu))
    return source.clips(["A01"]), source.clips(["A10"])


def run(clips, output_dir, resume=False, sampling=SAMPLING, init=None):
    choices = RunChoices(
        model=MODEL,
        sampling=sampling,
        schedule=Schedule(epochs=2, statistics_batches=1, shape="cosine"),
        loss_weights=WEIGHTS,
        length_pass="fast",
        resume=resume,
        cameras="virtual",
        weight_average="ema",
        average_decay=0.5,
        init=init,
    )
    return run_training(*clips, "cmu", output_dir, choices)


@pytest.mark.long
def test_an_interrupted_run_goes_on_exactly(clips, tmp_path, monkeypatch, eager):
    lifter, report = run(clips, tmp_path / "whole")
    assert lifter.trained_on["cameras"] == "virtual"
    assert np.isfinite(report["mpjpe_mm"])

    with monkeypatch.context() as patch:
        interrupt_after(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            run(clips, tmp_path / "parts")
    resumed, resumed_report = run(clips, tmp_path / "parts", resume=True)
    for one, other in zip(lifter.training_weights(), resumed.training_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert resumed_report | {"run": report["run"]} == report


def test_a_finished_model_is_trained_on(clips, tmp_path, monkeypatch, eager):
    finished = random_lifter(**MODEL)
    finished.save(tmp_path / "model.keras")
    starts = []
    monkeypatch.setattr(
        run_module, "train", lambda lifter, *_, **__: starts.append(lifter) or {"best": {}}
    )
    run(clips, tmp_path / "on", init=tmp_path)
    for one, other in zip(starts[0].training_weights(), finished.training_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_shared_samples_do_not_go_with_virtual_cameras(clips, tmp_path):
    with pytest.raises(InputError, match="a virtual camera of its own"):
        run(clips, tmp_path, sampling=dataclasses.replace(SAMPLING, shared=True))


@pytest.mark.parametrize(
    ("frames", "assembly", "weight", "message"),
    [
        (0, "released", 0.0, "frames_per_example: must be 1 or more, got 0"),
        (1, "released", 0.5, "velocity: a loss of two frames or more in a row, and frames_per_exa"),
        (3, "bones", 0.5, "velocity: a loss of joints, which assembly bones does not have"),
    ],
)
def test_frames_in_a_row_that_are_too_few_are_refused(tmp_path, frames, assembly, weight, message):
    model = random_lifter(assembly=assembly).get_config()
    sampling = dataclasses.replace(SAMPLING, frames_per_example=frames)
    weights = dataclasses.replace(WEIGHTS, velocity=weight)
    choices = RunChoices(model, sampling, Schedule(epochs=1), weights, cameras="virtual")
    with pytest.raises(InputError, match=message):
        check_run(choices, tmp_path)


@pytest.mark.parametrize(
    ("build", "causal"),
    [(build_frame_table, True), (build_motion_table, False)],
    ids=["own-causal", "virtual-symmetric"],
)
def test_frames_in_a_row_train_together(clips, build, causal, eager):
    """Of each, the person's frame sees what it sees of a window of its own."""
    lifter = random_lifter(keypoint_frame="person", causal=causal, dropout=0)
    weights = dataclasses.replace(WEIGHTS, velocity=0.5)
    sampling = dataclasses.replace(SAMPLING, frames_per_example=4)
    if build is build_motion_table:
        sampling = dataclasses.replace(sampling, variations=Variations(0.5, 0.1, 0.5, 0.3))
    cameras = "own" if build is build_frame_table else "virtual"
    sampling = training_sampling(sampling, lifter, weights, cameras)
    inputs, targets = next(iter(training_dataset(build(clips[0]), sampling, 9, causal)))
    assert targets["joints"].shape == (8, 4, 17, 3)
    seen, rotations = network_inputs(lifter, inputs)
    window = inputs["keypoints"].shape[1] - 3
    for number in range(4):
        part = {name: inputs[name][:, number : number + window] for name in WINDOW}
        part["frames_before"] = inputs["frames_before"] + number
        single, turned = network_inputs(lifter, inputs | part)
        np.testing.assert_allclose(
            rotations["windows"][:, number], turned["windows"][:, 0], atol=1e-5
        )
        if not causal:  # there, the size of the frames before is that of other frames
            for name in WINDOW:
                here = seen[name][:, number : number + 9]
                np.testing.assert_allclose(here, single[name], atol=1e-4, err_msg=name)
    terms = build_trainer(lifter, weights, length_pass="fast").train_step((inputs, targets))
    assert terms["velocity"] > 0
    assert all(np.isfinite(value) for value in terms.values())


@pytest.mark.parametrize(
    ("build", "causal"),
    [
        *((build_frame_table, True), (build_motion_table, False)),
        *(long(build_frame_table, False), long(build_motion_table, True)),
    ],
)
def test_losses_of_the_persons_frame_are_in_the_space_of_the_camera(clips, build, causal, eager):
    lifter = random_lifter(keypoint_frame="person", causal=causal, dropout=0)
    cameras = "own" if build is build_frame_table else "virtual"
    sampling = training_sampling(SAMPLING, lifter, WEIGHTS, cameras)
    inputs, targets = next(iter(training_dataset(build(clips[0]), sampling, 9, causal)))
    outputs = training_outputs(lifter, inputs, "fast", training=False)
    terms = anatomy_losses(outputs, targets, WEIGHTS, lifter)
    assert all(np.isfinite(value) for value in terms.values())
    assert ("augmented_picked_joints" in terms) == (cameras == "own")
    inputs, rotations = network_inputs(lifter, inputs)
    window = {name: inputs[name] for name in ("keypoints", "visibility")}
    seen = lifter.window_model(window | {"lengths": outputs["lengths"]})
    turned = tf.einsum("btij,btkj->btki", rotations["windows"], outputs["directions"][-1])
    np.testing.assert_allclose(turned, seen["directions"][-1], atol=1e-5)


@pytest.mark.long
def test_compiled_losses_are_those_that_are_not(clips, eager):
    lifter = random_lifter(keypoint_frame="person", dropout=0, sub_networks=1)
    sampling = training_sampling(SAMPLING, lifter, WEIGHTS, "virtual")
    table = build_motion_table(clips[0])
    inputs, targets = next(iter(training_dataset(table, sampling, 9, causal=False)))

    weights = lifter.training_weights()
    start = [np.array(weight) for weight in weights]

    def losses() -> dict:
        return anatomy_losses(training_outputs(lifter, inputs, "fast"), targets, WEIGHTS, lifter)

    expected = losses()
    for weight, value in zip(weights, start, strict=True):
        weight.assign(value)  # the statistics have moved, and the other frames are seen with them
    tf.config.run_functions_eagerly(False)
    found = tf.function(losses, autograph=False)()
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, err_msg=name)


@pytest.mark.long
def test_a_causal_model_trains_with_long_windows(clips):
    """The sizes of the person up to each frame are compiled, however many frames there are."""
    lifter = random_lifter(filter_widths=(9, 9), keypoint_frame="person", causal=True)
    sampling = training_sampling(SAMPLING, lifter, WEIGHTS, "virtual")
    table = build_motion_table(clips[0])
    inputs, _ = next(iter(training_dataset(table, sampling, 81, causal=True)))
    inputs, _ = network_inputs(lifter, inputs)
    assert inputs["keypoints"].shape[1] == 81
    assert all(np.isfinite(values).all() for values in inputs.values())


def test_the_average_follows_the_weights_and_replaces_them():
    lifter = AnatomyLifter(filter_widths=(3, 3), channels=4)
    averages = WeightAverages(lifter, "ema", decay=0.9, epochs=1)
    weight = lifter.training_variables()[0]
    first = np.array(weight)
    for step in range(1, 4):
        weight.assign(first + step)
        averages.after_step(0, epoch_done=step == 3)
    # Early averages reach over fewer steps: 1 / 10, then 2 / 11, then 3 / 12 of the old one.
    expected = 0.0
    for step in range(1, 4):
        share = step / (step + 9)
        expected = expected * share + step * (1 - share)
    averages.replace_weights()
    np.testing.assert_allclose(weight, first + expected, rtol=1e-4, atol=1e-5)
