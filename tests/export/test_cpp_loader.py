"""Exported SavedModels through TensorFlow's C++ loader, which is what TensorFlow Serving is built
on.
"""

import pathlib
import re
import shutil
import subprocess

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from anatomy_tf.export.saved_model import write_saved_model
from anatomy_tf.geometry.screen import pixels_to_screen
from anatomy_tf.inference.flip import lift_with_flip
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17

pytestmark = pytest.mark.long

SOURCE = pathlib.Path(__file__).with_name("saved_model_loader.cc")
SIZE = (1000, 800)
Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def lifter():
    return AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8, causal=True)


@pytest.fixture(scope="module")
def loader(lifter, tmp_path_factory):
    """Command that runs signatures of the exported model."""
    if shutil.which("g++") is None:
        pytest.skip("no g++, so the C++ loader was not tested")
    folder = tmp_path_factory.mktemp("cpp")
    libraries = tf.sysconfig.get_lib()
    command = ["g++", "-w", *tf.sysconfig.get_compile_flags(), str(SOURCE), f"-L{libraries}"]
    # The loader registers what it can run when it is loaded, although nothing refers to that.
    command += ["-Wl,--no-as-needed", "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"]
    command += [f"-Wl,-rpath,{libraries}", "-o", str(folder / "loader")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as compiler:
        write_saved_model(lifter, folder / "model")
        _, errors = compiler.communicate(timeout=300)
    assert compiler.returncode == 0, errors
    return [str(folder / "loader"), str(folder / "model")]


def run(loader: list[str], folder: pathlib.Path, requests: list[tuple[str, Arrays]]):
    """What came out, as a message or as arrays, for signatures and their inputs."""
    arguments = []
    for i, (signature, inputs) in enumerate(requests):
        file = SignatureDef()
        for name, value in inputs.items():
            file.defaults[name].CopyFrom(tf.make_tensor_proto(value))
        (folder / f"{i}.in").write_bytes(file.SerializeToString())
        arguments += [signature, str(folder / f"{i}.in"), str(folder / f"{i}.out")]
    process = subprocess.run([*loader, *arguments], capture_output=True, text=True, timeout=120)
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert len(lines) == len(requests)
    return [arrays(folder / f"{i}.out") if line == "ok" else line for i, line in enumerate(lines)]


def arrays(path: pathlib.Path) -> Arrays:
    tensors = SignatureDef.FromString(path.read_bytes()).defaults
    return {name: tf.make_ndarray(value) for name, value in tensors.items()}


def clip(frames: int, clips: int = 1, joints: int = 17) -> Arrays:
    rng = np.random.default_rng(frames)
    return {
        "keypoints": rng.uniform(0, 800, (clips, frames, joints, 2)).astype(np.float32),
        "image_size": np.tile(np.float32(SIZE), (clips, 1)),
    }


def assert_lifted(found: Arrays | str, lift, inputs: Arrays, frames: slice = slice(None)):
    """The outputs are those of Keras for these frames of the clips."""
    assert isinstance(found, dict), found
    keypoints = pixels_to_screen(inputs["keypoints"], SIZE)
    for name, value in lift(keypoints, np.ones(keypoints.shape[:-1], np.float32)).items():
        np.testing.assert_allclose(found[name], value[:, frames], atol=1e-5, err_msg=name)


def test_it_computes_what_keras_does(lifter, loader, tmp_path):
    def lift(keypoints, visibility):
        return lifter({"keypoints": keypoints, "visibility": visibility})

    def lift_flip(keypoints, visibility):
        return lift_with_flip(lift, keypoints, visibility, lifter.skeleton)

    whole, several = clip(20), clip(7, clips=3)
    start, rest = (whole | {"keypoints": whole["keypoints"][:, t]} for t in np.s_[:9, 9:])
    gaps = whole | {"keypoints": np.where(np.arange(20)[:, None, None] % 3, np.nan, 5.0)[None]}
    gaps["keypoints"] = np.tile(gaps["keypoints"], (1, 1, 17, 2)).astype(np.float32)
    nothing = whole | {"image_size": np.zeros((1, 2), np.float32)}
    out = run(
        loader,
        tmp_path,
        [
            *(("lift", whole), ("serving_default", several), ("lift_flip", several)),
            *(("stream", start), ("lift", gaps), ("lift", nothing), ("metadata", {})),
        ],
    )
    assert_lifted(out[0], lift, whole)
    assert_lifted(out[1], lift, several)
    assert_lifted(out[2], lift_flip, several)
    assert_lifted(out[3], lift, whole, slice(9))
    assert all(np.isfinite(values).all() for neutral in out[4:6] for values in neutral.values())
    assert [name.decode() for name in out[6]["joint_names"]] == list(H36M_17.joint_names)
    state = {name: value for name, value in out[3].items() if name.startswith("state_")}
    (found,) = run(loader, tmp_path, [("stream", rest | state)])
    assert_lifted(found, lift, whole, slice(9, None))


def test_requests_of_another_shape_get_a_message(loader, tmp_path):
    good = clip(5)
    wrong = {
        "keypoints": [
            *(clip(5, joints=joints)["keypoints"] for joints in (1, 16, 18)),
            *(good["keypoints"][0], good["keypoints"][None], np.float32(1)),
            np.zeros((1, 5, 17, 1), np.float32),
            np.zeros((1, 5, 17, 3), np.float32),
            np.zeros((1, 0, 17, 2), np.float32),
            np.zeros((1, 5, 17, 2), np.int32),
        ],
        "image_size": [np.float32(SIZE), np.ones((1, 3), np.float32)],
        "visibility": [np.ones((1, 4, 17), np.float32), np.ones((1, 5, 16), np.float32)],
    }
    requests = [{"keypoints": good["keypoints"]}]
    requests += [good | {name: value} for name, values in wrong.items() for value in values]
    requests = [(name, inputs) for name in ("lift", "stream") for inputs in requests]
    *refused, accepted = run(loader, tmp_path, [*requests, ("stream", good)])
    for message, (signature, inputs) in zip(refused, requests, strict=True):
        shapes = {name: value.shape for name, value in inputs.items()}
        assert isinstance(message, str), (signature, shapes)
        assert message.startswith("INVALID_ARGUMENT: "), (signature, shapes)
        clear = "not compatible with expected shape|no frames|Incompatible shapes|Expects arg|feed"
        assert re.search(clear, message), (signature, shapes, message)
    assert set(accepted) >= {"joints", "directions", "lengths"}
