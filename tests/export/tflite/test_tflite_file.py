"""TFLite files give what the model gives: exactly in floats, nearly in integers, and errors for
what they cannot take.
"""

import itertools
import json
import zipfile

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from anatomy_tf.data.clip import Clip
from anatomy_tf.data.sets.bodies import HUMANEVA_15
from anatomy_tf.errors import InputError
from anatomy_tf.export.signatures import STATE
from anatomy_tf.export.tflite.quantization import PRODUCTS
from anatomy_tf.export.tflite.tflite_file import write_tflite
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.conftest import random_clip
from tests.lifters import random_lifter
from tests.long import long, long_but

WIDTH, HEIGHT = 1000, 800
FIXED = 40
SHORT = {"filter_widths": (3, 3), "sub_networks": 1}
FIRST = {"length_frames": {"mode": "firstframes", "count": 3}}
MODELS = {
    "causal": ({"causal": True, "filter_widths": (3, 3)}, None),
    "symmetric": (SHORT, None),
    "firstframes": ({"causal": True, **SHORT, **FIRST}, FIXED),
}


@pytest.fixture(scope="module", params=long_but(("causal",), MODELS))
def exported(request, tmp_path_factory):
    """A model, its file's interpreter, and the number of frames that the file fixes."""
    config, frames = MODELS[request.param]
    model = small_model(**config)
    path = tmp_path_factory.mktemp("tflite") / "model.tflite"
    write_tflite(model, path, frames=frames, card="what it is")
    return model, Interpreter(str(path), num_threads=1), frames, path


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    path = tmp_path_factory.mktemp("tflite") / "model.tflite"
    clips = [clip_of(random_clip(60, seed=seed)) for seed in range(4)]
    write_tflite(small_model(causal=True), path, "int8", calibration=clips)
    return Interpreter(str(path), num_threads=1), path


def small_model(**config) -> AnatomyLifter:
    return random_lifter(**{"filter_widths": (3, 3, 3), "channels": 24} | config)


def clip_of(inputs: dict) -> Clip:
    facts = ("clip", "S1", "walk", H36M_17, (WIDTH, HEIGHT), 50.0)
    return Clip(*facts, request_of(inputs)["keypoints"][0], inputs["visibility"][0])


def request_of(inputs: dict, total: int | None = None, frames=None) -> dict:
    """What a signature takes for the model's inputs; `total` frames with padding
    that is garbage.
    """
    keypoints = (inputs["keypoints"] + np.float32([1, HEIGHT / WIDTH])) * np.float32(WIDTH / 2)
    visibility, (batch, time) = inputs["visibility"], inputs["visibility"].shape[:2]
    padding = [(0, 0), (0, (total or time) - time), (0, 0)]
    return {
        "keypoints": np.pad(keypoints, [*padding, (0, 0)], constant_values=np.nan),
        "visibility": np.pad(visibility, padding, constant_values=1),
        "image_size": np.full((batch, 2), (WIDTH, HEIGHT), np.float32),
        "frames": np.int32([time] * batch if frames is None else frames),
    }


def zero_state(step) -> dict:
    details = step.get_input_details()
    names = [name for name in details if name.startswith(STATE)]
    return {name: np.zeros(details[name]["shape"], details[name]["dtype"]) for name in names}


def frame_of(request: dict, frame: int) -> dict:
    now = {name: request[name][:, frame : frame + 1] for name in ("keypoints", "visibility")}
    return now | {"image_size": request["image_size"]}


def stream(interpreter, request: dict) -> list[dict]:
    step = interpreter.get_signature_runner("stream_step")
    state, outputs = zero_state(step), []
    for frame in range(request["keypoints"].shape[1]):
        outputs.append(step(**frame_of(request, frame), **state))
        state = {name: outputs[-1][name] for name in state}
    return outputs


def test_whole_clips_are_those_of_the_model(exported):
    model, interpreter, fixed, _ = exported
    for time in (1, 2, 9, 27, fixed or 101):
        clip = random_clip(time)
        found = interpreter.get_signature_runner("lift")(**request_of(clip, total=fixed))
        expected = model(clip)
        assert set(found) == set(expected)
        for name, values in expected.items():
            ours = found[name] if len(values.shape) == 2 else found[name][:, :time]
            np.testing.assert_allclose(ours, values, atol=1e-4, err_msg=f"{name}, {time} frames")
        assert not found["joints"][:, time:].any()


@pytest.mark.parametrize("exported", ["causal", long("symmetric")], indirect=True)
def test_clips_of_a_batch_know_nothing_of_each_other(exported):
    model, interpreter, _, _ = exported
    clip, frames = random_clip(50, batch=3), (50, 31, 1)
    lift = interpreter.get_signature_runner("lift")
    joints = lift(**request_of(clip, frames=frames))["joints"]
    for i, count in enumerate(frames):
        alone = model({name: values[i : i + 1, :count] for name, values in clip.items()})
        np.testing.assert_allclose(joints[i, :count], alone["joints"][0], atol=1e-4)
        assert not joints[i, count:].any()


@pytest.mark.parametrize("exported", ["causal", long("firstframes")], indirect=True)
def test_a_stream_gives_what_the_whole_clip_does(exported):
    model, interpreter, _, _ = exported
    clip = random_clip(60)
    found = stream(interpreter, request_of(clip))
    for name, values in model(clip).items():
        streamed = np.concatenate([outputs[name] for outputs in found], axis=1)
        np.testing.assert_allclose(streamed, values, atol=1e-4, err_msg=name)


def test_bad_numbers_are_unseen_keypoints(exported, quantised):
    good = request_of(random_clip(FIXED))
    unseen = good | {"visibility": np.zeros_like(good["visibility"])}
    bad = [("keypoints", 1e30), ("image_size", 0)]
    bad += [(name, np.nan) for name in ("keypoints", "image_size", "visibility")]
    for interpreter in (exported[1], quantised[0]):
        lift = interpreter.get_signature_runner("lift")
        for name, value in bad:
            joints = lift(**good | {name: np.full_like(good[name], value)})["joints"]
            np.testing.assert_array_equal(joints, lift(**unseen)["joints"], err_msg=name)


def test_wrong_shapes_are_errors_after_which_the_file_goes_on(exported, quantised):
    good = request_of(random_clip(FIXED))
    keypoints, visibility = good["keypoints"], good["visibility"]
    wrong = [{"keypoints": keypoints[:, :0], "visibility": visibility[:, :0]}]
    wrong += [{"keypoints": keypoints[:, :, :16]}, {"visibility": visibility[:, :7]}]
    wrong += [{"keypoints": keypoints[np.newaxis]}]
    for interpreter in (exported[1], quantised[0]):
        lift = interpreter.get_signature_runner("lift")
        expected = lift(**good)["joints"]
        for change in wrong:
            with pytest.raises((RuntimeError, ValueError)):
                lift(**good | change)
        np.testing.assert_array_equal(lift(**good)["joints"], expected)
    # Sizes that are fixed are not brought back: this spoils a stream's interpreter.
    step = Interpreter(str(quantised[1])).get_signature_runner("stream_step")
    with pytest.raises((RuntimeError, ValueError)):
        step(**frame_of(good, 0), **zero_state(step) | {"state_past_2": keypoints})


def test_a_state_that_is_garbage_or_of_another_model_begins_a_stream(exported, quantised):
    request = request_of(random_clip(3, seed=1))
    now = frame_of(request, 1)
    for interpreter in (exported[1], quantised[0]):
        if "stream_step" not in interpreter.get_signature_list():
            continue
        step = interpreter.get_signature_runner("stream_step")
        expected = step(**now, **zero_state(step))["joints"]
        after = stream(interpreter, request)[-1]
        state = {name: after[name] for name in zero_state(step)}
        assert np.abs(step(**now, **state)["joints"] - expected).max() > 1e-3
        features = max(state, key=lambda name: state[name].size)
        for name, value in ((features, np.nan), (features, 1e30), ("state_model", 7)):
            garbage = state | {name: np.full_like(state[name], value)}
            np.testing.assert_array_equal(step(**now, **garbage)["joints"], expected)


def test_a_stream_hands_quantised_features_on_unchanged(quantised):
    interpreter, _ = quantised
    request = request_of(random_clip(90, seed=2))
    outputs = stream(interpreter, request)
    features = [name for name in outputs[0] if name.startswith("state_past_")]
    assert len(features) > 3
    for before, after in itertools.pairwise(outputs):
        for name in features:
            np.testing.assert_array_equal(after[name][:, :-1], before[name][:, 1:])
    joints = np.concatenate([frame["joints"] for frame in outputs], axis=1)
    difference = joints - interpreter.get_signature_runner("lift")(**request)["joints"]
    errors = np.linalg.norm(difference, axis=-1).mean(axis=(0, 2))
    assert errors[60:].mean() < 2 * errors[:30].mean() + 1e-3


def parsed(path) -> schema.ModelT:
    return schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)


def products(model: schema.ModelT, graphs=slice(None)) -> list:
    """What convolutions and dense layers take, as tensors: features and kernel."""
    return [
        [graph.tensors[i] for i in operator.inputs[:2]]
        for graph in model.subgraphs[graphs]
        for operator in graph.operators or ()
        if model.operatorCodes[operator.opcodeIndex].builtinCode in PRODUCTS
    ]


def test_builtin_operators_and_metadata(exported, quantised):
    model, interpreter, _, path = exported
    for file in (path, quantised[1]):
        codes = {code.builtinCode for code in parsed(file).operatorCodes}
        assert schema.BuiltinOperator.CUSTOM not in codes
    names = ["lift", "stream_step"] if model.causal else ["lift"]
    with zipfile.ZipFile(path) as archive:
        metadata = json.loads(archive.read("metadata.json"))
    assert (metadata["precision"], metadata["card"]) == ("float32", "what it is")
    assert sorted(metadata["signatures"]) == names == sorted(interpreter.get_signature_list())


def test_clips_and_streams_share_their_kernels(exported, quantised):
    for path in (exported[3], quantised[1]):
        of_clips, of_streams = (
            {kernel.buffer for _, kernel in products(parsed(path), graphs)}
            for graphs in (slice(1), slice(1, None))
        )
        assert len(of_clips) > 10
        # The attention's is scaled in one and not in the other.
        assert len(of_streams - of_clips) <= 1


def test_products_of_features_alone_are_in_integers(quantised):
    integers = []
    for features, kernel in products(parsed(quantised[1])):
        of_features = kernel.shape[0] == 24 and kernel.shape[-1] % 24 == 0
        integers.append(kernel.type == schema.TensorType.INT8)
        assert integers[-1] == of_features == (features.type == schema.TensorType.INT8)
        assert not of_features or len(kernel.quantization.scale) == 24  # by channel
    assert integers.count(True) >= 2 * 13
    assert integers.count(False) >= 2 * 8


OF_CLIP = {"precision": "int8", "calibration": [clip_of(random_clip(3))]}


@pytest.mark.parametrize(
    "model, arguments, message",
    [
        ({"length_frames": {"mode": "random"}}, {}, "cannot draw random length frames"),
        ({}, {"precision": "int4"}, "must be one of float32, .* int8, got int4"),
        ({}, {"frames": 0}, "frames: must be positive, got 0"),
        ({}, {"precision": "int8"}, "int8 needs clips of the training data"),
        ({"skeleton": HUMANEVA_15}, OF_CLIP, "clip clip: cannot calibrate with its 17 joints"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is(model, arguments, message, tmp_path):
    lifter = AnatomyLifter(**{"filter_widths": (3, 3), "channels": 8, **model})
    with pytest.raises(InputError, match=message):
        write_tflite(lifter, tmp_path / "model.tflite", **arguments)
    assert not list(tmp_path.iterdir())
