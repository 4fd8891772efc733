"""What a server is asked, and answers: the exported model behind a stand-in
for TensorFlow Serving.
"""

import json
import pathlib
import re
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from anatomy_tf.export.signatures import ClipSignature
from anatomy_tf.export.written_outputs import Outputs, export
from anatomy_tf.geometry.screen import pixels_to_screen
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.export.serving.rest_server import ServedModel, grpc_server, rest_server
from tests.mocap_folder import rewrite

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples" / "serving"
SIZE = (1000, 800)


@pytest.fixture(scope="module")
def lifter():
    return AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8, causal=True)


@pytest.fixture(scope="module")
def folder(lifter, tmp_path_factory):
    outputs = Outputs(serving_dir=tmp_path_factory.mktemp("serving"))
    (path,) = export(lifter, outputs, card="made for tests")
    return pathlib.Path(path)


@pytest.fixture(scope="module")
def served(folder):
    return ServedModel(folder)


def clip(frames: int, clips: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(frames)
    return {
        "keypoints": rng.uniform(0, 800, (clips, frames, 17, 2)).astype(np.float32),
        "image_size": np.tile(np.float32(SIZE), (clips, 1)),
        "visibility": rng.uniform(0.1, 1, (clips, frames, 17)).astype(np.float32),
    }


def lifted(lifter, inputs) -> dict[str, np.ndarray]:
    """What Keras gives for clips without gaps."""
    screen = pixels_to_screen(inputs["keypoints"], SIZE)
    outputs = lifter({"keypoints": screen, "visibility": inputs["visibility"]})
    return {name: value.numpy() for name, value in outputs.items()}


def assert_printed(text: str, joints: np.ndarray):
    """The clients print the first four of the joints `(T, J, 3)`, rounded."""
    found = re.findall(r"-?[0-9]+[.][0-9]{3}", text)
    found = np.array(found, float).reshape(-1, 4, 3)
    np.testing.assert_allclose(found, joints[:, :4], atol=6e-4)


@pytest.mark.parametrize("signature", ["serving_default", "lift", "lift_flip", "stream"])
def test_the_signatures_tell_their_defaults(signature, served):
    proto = served.signatures[signature]
    assert proto.method_name == "tensorflow/serving/predict"
    assert set(proto.inputs) - set(proto.defaults) == {"keypoints", "image_size"}
    assert ("frames" in proto.defaults) == (signature != "stream")
    assert ("state_frames" in proto.defaults) == (signature == "stream")
    for name, value in proto.defaults.items():
        expected = {"visibility": 1, "frames": -1}.get(name, 0)
        assert set(tf.make_ndarray(value).flat) == {expected}, name
        shape = [1 if axis.size < 0 else axis.size for axis in proto.inputs[name].tensor_shape.dim]
        assert [axis.size for axis in value.tensor_shape.dim] == shape, name


def test_warm_up_requests_are_answered(served, folder):
    path = folder / "assets.extra" / "tf_serving_warmup_requests"
    met = set()
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        request = PredictionLog.FromString(record).predict_log.request
        assert request.model_spec.name == "anatomy"
        name = request.model_spec.signature_name
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        assert set(inputs) == set(served.signatures[name].inputs)
        clips = len(inputs["keypoints"])
        assert all(len(value) == clips for value in inputs.values())  # as batching wants it
        assert all(len(value) == clips for value in served.predict(name, inputs).values())
        met.add((name, clips))
    clips = {(name, n) for name in ("lift", "lift_flip", "serving_default") for n in (1, 8)}
    assert met == clips | {("stream", 1), ("stream", 16)}
    assert path.stat().st_size < 10_000


def test_clips_in_a_batch_that_the_server_pads(small_lifter):
    """It pads a request with the first of its numbers, whatever that is, to the longest in the
    batch.
    """

    def pad(values):
        missing = [(0, 4 if axis == 1 else 0) for axis in range(values.ndim)]
        return np.pad(values, missing, constant_values=values.flat[0])

    lift = ClipSignature(small_lifter).function()
    short, long = clip(5), clip(9)
    batch = {
        name: np.concatenate([values if name == "image_size" else pad(values), long[name]])
        for name, values in short.items()
    }
    together = lift(**batch, frames=[5, 9])["joints"]
    alone = lift(**short)["joints"]
    np.testing.assert_allclose(together[:1, :5], alone, atol=1e-5)
    np.testing.assert_allclose(together[1:], lift(**long)["joints"], atol=1e-5)
    assert np.abs(lift(**batch)["joints"][:1, :5] - alone).max() > 1e-3


@pytest.fixture
def detections(tmp_path):
    """A file of a clip with a joint that is not seen for a while, and the inputs in it."""
    inputs = clip(12)
    inputs["keypoints"][0, 4:7, 3] = np.nan
    path = tmp_path / "detections.npz"
    np.savez(path, **{name: value[0] for name, value in inputs.items()})
    return path, inputs


def post(url: str, body: bytes) -> dict:
    with urllib.request.urlopen(url, body, timeout=60) as answer:
        return json.load(answer)


def run_rest_client(*arguments: object) -> subprocess.CompletedProcess:
    """As a person runs it, where there is no TensorFlow."""
    code = (
        "import runpy, sys; sys.modules['tensorflow'] = sys.modules['anatomy_tf'] = None;"
        "sys.argv = sys.argv[1:]; sys.path.insert(0, sys.argv[0].rpartition('/')[0]);"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-c", code, EXAMPLES / "rest_client.py", *arguments]
    return subprocess.run(map(str, command), capture_output=True, text=True, timeout=60)


def test_the_rest_client(served, detections):
    path, inputs = detections
    joints = served.predict("lift", inputs | {"frames": np.int32([12])})["joints"][0]
    with rest_server(served) as server:
        for mode in ([], ["--stream"]):
            run = run_rest_client(f"--detections={path}", f"--server={server}", *mode)
            assert (run.returncode, run.stderr) == (0, "")
            assert_printed(run.stdout, joints)


def test_the_grpc_client(served, detections, monkeypatch, capsys):
    path, inputs = detections
    joints = served.predict("lift", inputs | {"frames": np.int32([12])})["joints"][0]
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import grpc_client
    import lifting

    with grpc_server(served) as server:
        for mode in ([], ["--stream"]):
            arguments = [f"--detections={path}", f"--server={server}", *mode]
            monkeypatch.setattr(sys, "argv", ["grpc_client.py", *arguments])
            served.requests.clear()
            lifting.main("", "", grpc_client.GrpcClient)
            assert_printed(capsys.readouterr().out, joints)
            assert len(served.requests) == (len(joints) if mode else 1)
        wrong = {name: value[..., :16, :] for name, value in inputs.items() if name == "keypoints"}
        with pytest.raises(SystemExit, match="no answer: INVALID_ARGUMENT: "):
            grpc_client.GrpcClient(server, "anatomy").predict("lift", inputs | wrong)


def test_rows_give_what_columns_give(served):
    inputs = clip(6, clips=2) | {"frames": np.int32([6, 4])}
    inputs["keypoints"][1, 2, 5] = np.nan
    columns = {name: values.tolist() for name, values in inputs.items()}
    rows = [{name: values[i] for name, values in columns.items()} for i in range(2)]
    expected = served.predict("lift", inputs)
    with rest_server(served) as server:
        url = f"{server}/v1/models/anatomy:predict"
        by_column, by_row = (
            post(url, json.dumps({"signature_name": "lift", key: value}).encode())
            for key, value in {"inputs": columns, "instances": rows}.items()
        )
    for name, values in expected.items():
        np.testing.assert_allclose(by_column["outputs"][name], values, atol=1e-6)
        found = [row[name] for row in by_row["predictions"]]
        np.testing.assert_allclose(found, values, atol=1e-6)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"keypoints": np.zeros((12, 16, 2))}, "keypoints have to be"),
        ({"keypoints": np.zeros((0, 17, 2)), "visibility": np.zeros((0, 17))}, "have to be"),
        ({"keypoints": np.array("text")}, "not a file of detections"),
        ({"image_size": None}, "not a file of detections"),
    ],
    ids=["joints", "empty", "text", "no size"],
)
def test_files_that_the_clients_refuse(change, message, detections, monkeypatch):
    path, _ = detections
    rewrite(path, **change)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import lifting

    with pytest.raises(SystemExit, match=message):
        lifting.read_detections(str(path))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SystemExit, match="not a file of detections"):
        lifting.read_detections(str(path))


def test_what_the_rest_client_says_when_it_gets_no_joints(served, detections):
    path, inputs = detections
    arguments = [f"--detections={path}"]
    run = run_rest_client(*arguments, "--server=http://127.0.0.1:9")
    assert run.returncode == 1
    assert "no answer" in run.stderr
    with rest_server(served) as server:
        run = run_rest_client(*arguments, f"--server={server}", "--model=other")
        assert run.returncode == 1
        assert "Servable not found" in run.stderr
        rewrite(
            path, keypoints=inputs["keypoints"][0, :, 1:], visibility=inputs["visibility"][0, :, 1:]
        )
        run = run_rest_client(*arguments, f"--server={server}")
        assert run.returncode == 1
        assert "the server refuses" in run.stderr
        assert "Traceback" not in run.stderr


def test_the_requests_of_the_page_are_answered(served, folder):
    page = (folder.parents[1] / "README.md").read_text()
    (script,) = re.findall(r"python3 -c '(.*?)' > request.json", page, re.DOTALL)
    body = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    (url,) = re.findall(r"curl -d @request.json http://localhost:8501(\S+)", page)
    with rest_server(served) as server:
        assert np.shape(post(server + url, body)["outputs"]["joints"]) == (1, 3, 17, 3)
    (script,) = re.findall("```python\n(.*?)```", page, re.DOTALL)
    with grpc_server(served) as server:
        names = {}
        exec(script.replace("localhost:8500", server), names)
    assert names["joints"].shape == (1, 3, 17, 3)


@pytest.mark.long
def test_saved_model_cli(lifter, folder, tmp_path):
    """Shows the signatures, and runs one, as TensorFlow's own tool for SavedModels."""
    inputs = clip(11, clips=2)
    np.savez(tmp_path / "inputs.npz", **inputs, frames=np.int32([-1, -1]))
    files = ";".join(f"{name}={tmp_path}/inputs.npz[{name}]" for name in [*inputs, "frames"])
    tool = pathlib.Path(sys.executable).with_name("saved_model_cli")
    where = [f"--dir={folder}", "--tag_set=serve"]
    show = [tool, "show", *where, "--signature_def=stream"]
    run = [tool, "run", *where, "--signature_def=lift", f"--inputs={files}", f"--outdir={tmp_path}"]
    processes = [subprocess.Popen(c, stdout=subprocess.PIPE, text=True) for c in (show, run)]
    shown, _ = (process.communicate(timeout=180)[0] for process in processes)
    assert [process.returncode for process in processes] == [0, 0]
    assert "inputs['state_past_0']" in shown
    assert "shape: (-1, -1, 17, 2)" in shown
    for name, value in lifted(lifter, inputs).items():
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), value, atol=1e-5)
