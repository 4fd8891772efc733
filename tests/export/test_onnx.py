"""ONNX Runtime computes what the Keras model does."""

import functools
import json
import sys
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.export.description.describe import read_metadata
from anatomy_tf.export.onnx import NEXT, OPSET, write_onnx
from anatomy_tf.geometry.screen import screen_to_pixels
from anatomy_tf.inference.flip import lift_with_flip
from anatomy_tf.models.length_frames import LengthFrames
from tests.conftest import random_clip
from tests.lifters import random_lifter
from tests.long import long

SIZE = (1280, 720)
DEFAULTS = {"image_size": SIZE, "visibility": 1, "frames": -1}
TYPES = {"tensor(float)": np.float32, "tensor(int32)": np.int32}


class Exported:
    """A model with random weights, and one of its signatures as ONNX Runtime runs it."""

    def __init__(self, folder, signature: str, **arguments):
        self.lifter = random_lifter(**{"causal": signature == "stream"} | arguments)
        self.path = folder / f"{signature}.onnx"
        write_onnx(self.lifter, self.path, signature, card="# A card")
        self.session = onnxruntime.InferenceSession(self.path)

    def __call__(self, **given) -> dict[str, np.ndarray]:
        """What is not given is what the docs say for nothing to tell, in the smallest size."""
        inputs = {}
        for tensor in self.session.get_inputs():
            shape = [size if isinstance(size, int) else 1 for size in tensor.shape]
            default = np.broadcast_to(DEFAULTS.get(tensor.name, 0), shape)
            inputs[tensor.name] = given.get(tensor.name, default).astype(TYPES[tensor.type])
        names = [tensor.name for tensor in self.session.get_outputs()]
        return dict(zip(names, self.session.run(None, inputs), strict=True))

    def of_clip(self, clip: dict, part=slice(None), **given) -> dict[str, np.ndarray]:
        keypoints = screen_to_pixels(clip["keypoints"][:, part], SIZE)
        return self(keypoints=keypoints, visibility=clip["visibility"][:, part], **given)


@pytest.fixture(scope="module")
def exports(tmp_path_factory) -> Callable[[str], Exported]:
    variants = {
        "symmetric": ("lift", {}),
        "causal": ("lift", {"causal": True, "sub_networks": 1}),
        "firstframes": (
            "stream",
            {"length_frames": LengthFrames("firstframes", 4), "sub_networks": 1},
        ),
        "consecutive": (
            "stream",
            {"length_frames": LengthFrames("consecutive", 4), "sub_networks": 1},
        ),
    }

    @functools.cache
    def export(name: str) -> Exported:
        signature, arguments = variants[name]
        return Exported(tmp_path_factory.mktemp(name), signature, **arguments)

    return export


@pytest.fixture(params=["causal", long("symmetric")])
def lift(request, exports):
    return exports(request.param)


@pytest.fixture(params=["firstframes", long("consecutive")])
def stream(request, exports):
    return exports(request.param)


def state_of(outputs: dict) -> dict:
    """As it goes in with the next frames."""
    return {n.removeprefix(NEXT): value for n, value in outputs.items() if n.startswith(NEXT)}


def assert_same(found: dict, expected: dict):
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(("batch", "frames"), [(1, 1), (2, 2), (1, 9), (3, 10), (1, 501)])
def test_whole_clips(lift, batch, frames):
    clip = random_clip(frames, batch=batch)
    assert_same(lift.of_clip(clip), lift.lifter(clip))


def test_a_batch_with_padding(lift):
    clip, counts = random_clip(20, batch=3), [20, 5, 0]
    found = lift.of_clip(clip, frames=np.array(counts))
    for row, count in enumerate(counts):
        assert not found["joints"][row, count:].any()
    for row, count in enumerate(counts[:2]):
        alone = {name: values[row : row + 1, :count] for name, values in clip.items()}
        expected = lift.lifter(alone)["joints"][0]
        np.testing.assert_allclose(found["joints"][row, :count], expected, atol=1e-4)


@pytest.mark.long
def test_with_the_mirror_image(tmp_path):
    frames = LengthFrames("firstframes", 4)
    lift_flip = Exported(tmp_path, "lift_flip", length_frames=frames, sub_networks=1)
    clip, lifter = random_clip(11, batch=2), lift_flip.lifter

    def lift(keypoints, visibility):
        return lifter({"keypoints": keypoints, "visibility": visibility})

    expected = lift_with_flip(lift, **clip, skeleton=lifter.skeleton)
    assert_same(lift_flip.of_clip(clip), expected)


@pytest.mark.parametrize("portions", [[1] * 21, [4, 1, 16]])
def test_streams_give_what_the_whole_clip_gives(stream, portions):
    clip, state, joints, start = random_clip(21, batch=2), {}, [], 0
    for portion in portions:
        outputs = stream.of_clip(clip, slice(start, start + portion), **state)
        state = state_of(outputs)
        joints.append(outputs["joints"])
        start += portion
    expected = stream.lifter(clip)["joints"]
    np.testing.assert_allclose(np.concatenate(joints, axis=1), expected, atol=1e-4)


def test_garbage_gives_numbers(lift, stream):
    rng = np.random.default_rng(0)
    shapes = {"keypoints": (2, 5, 17, 2), "image_size": (2, 2), "visibility": (2, 5, 17)}
    state = state_of(stream(keypoints=np.zeros(shapes["keypoints"])))
    remembered = {name: x.shape for name, x in state.items() if x.dtype == np.float32}
    for garbage in (np.nan, np.inf, -np.inf, 1e30, 0):
        inputs = {
            name: np.where(rng.random(shape) < 0.1, garbage, rng.random(shape))
            for name, shape in (shapes | remembered).items()
        }
        found = lift(**inputs) | stream(**state | inputs)
        for name, values in found.items():
            assert np.isfinite(values).all(), name


@pytest.mark.parametrize("shape", [(1, 5, 16, 2), (5, 17, 2), (1, 0, 17, 2)])
def test_shapes_that_cannot_be(lift, stream, shape):
    for exported in (lift, stream):
        with pytest.raises(Exception, match="keypoints|Non-zero status code"):
            exported(keypoints=np.zeros(shape))


def test_what_the_file_says(lift, stream):
    for exported, signature in ((lift, "lift"), (stream, "stream")):
        properties = exported.session.get_modelmeta().custom_metadata_map
        skeleton = exported.lifter.skeleton
        assert json.loads(properties["joint_names"]) == list(skeleton.joint_names)
        assert json.loads(properties["parents"]) == list(skeleton.parents)
        metadata = json.loads(properties["json"])
        assert read_metadata(exported.path) == metadata
        assert metadata["card"] == "# A card"
        tensors = metadata["signatures"][signature]
        session = exported.session
        assert set(tensors["inputs"]) == {tensor.name for tensor in session.get_inputs()}
        assert set(tensors["outputs"]) == {tensor.name for tensor in session.get_outputs()}
        assert session.get_inputs()[0].shape == ["batch", "time", 17, 2]
        opsets = onnx.load(exported.path).opset_import
        assert {opset.domain: opset.version for opset in opsets}[""] == OPSET


def test_a_state_goes_in_as_it_comes_out(stream):
    shapes = {tensor.name: tensor.shape[1:] for tensor in stream.session.get_inputs()}
    shapes = {name: shape for name, shape in shapes.items() if name.startswith("state_")}
    outputs = {tensor.name: tensor.shape[1:] for tensor in stream.session.get_outputs()}
    assert {NEXT + name: shape for name, shape in shapes.items()}.items() <= outputs.items()


@pytest.mark.long
def test_random_draws_cannot_be_converted(tmp_path):
    lifter = random_lifter(length_frames=LengthFrames("random", 4), sub_networks=1)
    with pytest.raises(InputError, match="lift with length frames random 4 cannot be converted"):
        write_onnx(lifter, tmp_path / "lift.onnx")
    assert not list(tmp_path.iterdir())


def test_signatures_that_are_not_there(small_lifter, tmp_path):
    with pytest.raises(InputError, match="signature swim: must be one of lift, lift_flip, stream"):
        write_onnx(small_lifter, tmp_path / "swim.onnx", "swim")
    with pytest.raises(InputError, match="needs a causal model"):
        write_onnx(small_lifter, tmp_path / "stream.onnx", "stream")


def test_packages_that_are_missing(lift, tmp_path, monkeypatch):
    for package in ("onnx", "tf2onnx"):
        with monkeypatch.context() as missing:
            missing.setitem(sys.modules, package, None)
            with pytest.raises(InputError, match=r"pip install -e '\.\[onnx\]'"):
                write_onnx(lift.lifter, tmp_path / "lift.onnx")
