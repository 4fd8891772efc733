"""A `.keras` file out of the internet is data: nothing in it is made, imported or run."""

import base64
import json
import marshal
import pathlib
import sys
import zipfile

import h5py
import keras
import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import load_lifter
from tests.lifters import random_lifter


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("whole") / "model.keras"
    random_lifter().save(path)
    return path


def rewritten(whole: pathlib.Path, path: pathlib.Path, **members) -> pathlib.Path:
    """A copy with other members; their names have `_` for `.`, and None leaves one out."""
    with zipfile.ZipFile(whole) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    for name, content in members.items():
        contents[name.replace("_", ".")] = content
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def config_of(whole: pathlib.Path) -> dict:
    with zipfile.ZipFile(whole) as archive:
        return json.loads(archive.read("config.json"))


def refused(path: pathlib.Path, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load_lifter(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_the_whole_file_is_read(whole):
    assert load_lifter(whole).count_params() == random_lifter().count_params()


def test_a_real_lambda_layer_is_never_made(tmp_path):
    """A model as anybody can save one, whose layer is code."""
    ran = tmp_path / "ran"
    where = str(ran)
    inputs = keras.Input((2,))
    code = keras.layers.Lambda(lambda x: (pathlib.Path(where).touch(), x)[1], output_shape=(2,))
    keras.Model(inputs, code(inputs)).save(tmp_path / "code.keras")
    ran.unlink(missing_ok=True)
    refused(tmp_path / "code.keras", "not one of this project")
    assert not ran.exists()


def _lambda(ran: pathlib.Path) -> dict:
    """As Keras writes a Lambda: the bytes of a function, here one that leaves a file."""
    code = compile(f"open({str(ran)!r}, 'w').close()", "<hostile>", "exec")
    packed = base64.b64encode(marshal.dumps(code)).decode()
    function = {"class_name": "__lambda__", "config": {"code": packed, "defaults": None}}
    return {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {"function": function},
        "registered_name": None,
    }


@pytest.mark.parametrize("where", ["skeleton", "trained_on", "length_frames", "name", "channels"])
def test_a_lambda_within_the_config_is_never_made(whole, where, tmp_path):
    config = config_of(whole)
    config["config"][where] = _lambda(tmp_path / "ran")
    path = rewritten(whole, tmp_path / "a.keras", config_json=json.dumps(config))
    refused(path, "names classes or functions to be made")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "named",
    [
        {"module": "os", "class_name": "system", "registered_name": None},
        {"module": "os", "class_name": "system"},
        {"module": "canary_of_the_test", "class_name": "Model"},
        {"registered_name": "os>system"},
        {"registered_name": "builtins>exec"},
        {"registered_name": "Custom>AnatomyLifter"},
        {"class_name": "AnatomyLifter.__init_subclass__"},
        {"class_name": "function", "config": "system", "module": "os"},
        {"class_name": "__lambda__"},
        {"module": "keras.utils", "class_name": "get_file"},
        {"module": ["anatomy_tf.models.lifter"]},
    ],
    ids=str,
)
def test_other_modules_and_classes_are_never_looked_up(whole, named, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    ran = tmp_path / "ran"
    (tmp_path / "canary_of_the_test.py").write_text(f"open({str(ran)!r}, 'w').close()")
    config = config_of(whole) | named
    path = rewritten(whole, tmp_path / "a.keras", config_json=json.dumps(config))
    refused(path, "not one of this project")
    assert not ran.exists()
    assert "canary_of_the_test" not in sys.modules


def test_a_legacy_file_behind_a_zip_is_not_read(whole, tmp_path):
    """Keras would take it for HDF5, by its ending."""
    path = rewritten(whole, tmp_path / "model.h5")
    refused(path, "not a .keras file")


@pytest.mark.parametrize(
    "members, message",
    [
        ({"model_weights_npz": b"PK"}, "does not hold what Keras writes"),
        ({"assets/../../../escaped": b"x"}, "does not hold what Keras writes"),
        ({"/tmp/escaped": b"x"}, "does not hold what Keras writes"),
        ({"model_weights_h5": None}, "does not hold what Keras writes"),
        ({"config_json": "[" * 100_000}, "is not JSON"),
        ({"config_json": b" " * (2 << 20)}, "config.json claims 2,097,152 bytes"),
        ({"config_json": "7"}, "not one of this project"),
        ({"model_weights_h5": b"no HDF5"}, "not of 8 channels"),
        ({"model_weights_h5": b"no HDF5" * 9999}, "not a model of this project"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_other_contents_are_refused(whole, members, message, tmp_path):
    refused(rewritten(whole, tmp_path / "a.keras", **members), message)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"channels": 2**30}, "not of 1073741824 channels"),
        ({"channels": 8.0}, "not whole numbers"),
        ({"channels": int("9" * 400)}, "not whole numbers"),
        ({"channels": -1}, "not of -1 channels"),
        ({"filter_widths": [3] * 1000}, "more than 10000 frames"),
        ({"filter_widths": "3,3"}, "not whole numbers"),
        ({"skeleton": {"joint_names": ["a"] * 9999}}, "more than 500 joints"),
        ({"swim": 1}, "swim: no argument of a model of this version"),
        ({"sub_networks": 10**9}, "sub_networks: must be 1, 2 or 3"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_models_that_cannot_be_are_refused(whole, changes, message, tmp_path):
    config = config_of(whole)
    config["config"] |= changes
    refused(rewritten(whole, tmp_path / "a.keras", config_json=json.dumps(config)), message)


def _damage(whole: pathlib.Path, path: pathlib.Path, damage) -> pathlib.Path:
    weights = path.with_suffix(".h5")
    with zipfile.ZipFile(whole) as archive:
        weights.write_bytes(archive.read("model.weights.h5"))
    with h5py.File(weights, "r+") as file:
        damage(file)
    return rewritten(whole, path, model_weights_h5=weights.read_bytes())


def _first_numbers(file: h5py.File) -> h5py.Dataset:
    found = []
    file.visititems(lambda name, item: found.append(item) if getattr(item, "size", 0) > 1 else None)
    return found[0]


def _not_finite(file):
    numbers = _first_numbers(file)
    numbers[...] = np.nan


def _claims(file):
    numbers = _first_numbers(file)
    group, name = numbers.parent, numbers.name
    del file[name]
    group.create_dataset(name, (100_000, 100_000), np.float32, chunks=(10, 10))


def _link(file):
    file["more"] = h5py.ExternalLink("/etc/passwd", "/")


def _elsewhere(file):
    numbers = _first_numbers(file)
    group, name, shape = numbers.parent, numbers.name, numbers.shape
    del file[name]
    group.create_dataset(name, shape, np.float32, external=[("/etc/passwd", 0, 400)])


@pytest.mark.parametrize(
    "damage, message",
    [
        (_not_finite, "weights are not finite"),
        (_claims, "weights claim shape"),
        (_link, "a link to something else"),
        (_elsewhere, "lie in another file"),
    ],
)
def test_weights_that_are_not_there_or_no_numbers(whole, damage, message, tmp_path):
    refused(_damage(whole, tmp_path / "a.keras", damage), message)


def test_a_bomb_is_not_unpacked(whole, tmp_path):
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(path, "w") as bomb:
        for name in archive.namelist():
            packed = name == "model.weights.h5"
            content = bytes(200 << 20) if packed else archive.read(name)
            bomb.writestr(name, content, zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED)
    refused(path, "claims 209,715,200 bytes")
