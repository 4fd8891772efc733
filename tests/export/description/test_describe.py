"""What models say of themselves is read from all their forms; damaged and hostile files are
refused.
"""

import json
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.errors import InputError
from anatomy_tf.export.description.describe import format_description, read_metadata
from anatomy_tf.export.description.metadata import as_json, describe_export
from anatomy_tf.export.description.metadata_readers import MAX_BYTES
from anatomy_tf.export.signatures import ClipSignature
from anatomy_tf.models.lifter import AnatomyLifter
from tests.damage import damaged, fuzz, reads_or_refuses
from tests.export.description.exports import write_onnx, write_saved_model, write_tflite
from tests.export.tflite.small_tflite import small_tflite

CARD = "# A model\n\nOf 51 mm ± 1 mm."


@pytest.fixture(scope="module")
def metadata() -> dict:
    facts = {"data": "cmu", "subjects": ["A01", "A02"], "fps": 50.0}
    lifter = AnatomyLifter(filter_widths=(3, 3), channels=8, trained_on=facts)
    return describe_export(lifter, {"lift": ClipSignature(lifter).function()}, CARD)


WRITERS = {"model": write_saved_model, "model.tflite": write_tflite, "model.onnx": write_onnx}


@pytest.mark.parametrize("name", WRITERS)
def test_exports(name, metadata, tmp_path):
    assert read_metadata(WRITERS[name](tmp_path / name, as_json(metadata))) == metadata


@pytest.mark.long
def test_a_real_tflite_file(tmp_path):
    lifter, data = small_tflite()
    (tmp_path / "model.tflite").write_bytes(data)
    metadata = read_metadata(tmp_path / "model.tflite")
    assert metadata["parents"] == list(lifter.skeleton.parents)
    assert "Signature stream_step: inputs" in format_description(metadata)


def test_of_a_serving_folder_the_newest_version(metadata, tmp_path):
    for version in (1, 9, 10):
        text = as_json(metadata | {"card": str(version)})
        write_saved_model(tmp_path / "anatomy" / str(version), text)
    (tmp_path / "anatomy" / "11").mkdir()  # as one that is being written
    (tmp_path / "models.config").touch()
    assert read_metadata(tmp_path)["card"] == "10"
    assert read_metadata(tmp_path / "anatomy")["card"] == "10"
    assert read_metadata(tmp_path / "anatomy" / "9")["card"] == "9"
    write_saved_model(tmp_path / "other" / "1", as_json(metadata))
    with pytest.raises(InputError, match="several models, take one of them: anatomy, other"):
        read_metadata(tmp_path)


def test_a_keras_model_and_its_card(small_lifter, tmp_path):
    small_lifter.save(tmp_path / "model.keras")
    (tmp_path / "README.md").write_text(CARD)
    metadata = read_metadata(tmp_path)
    assert metadata == read_metadata(tmp_path / "model.keras")
    assert metadata["joint_names"] == list(small_lifter.skeleton.joint_names)
    assert metadata["signatures"] == {}
    text = format_description(metadata)
    assert "tools/export.py" in text
    assert text.endswith(CARD)


def test_the_description_has_all_that_is_needed_to_call_it(metadata):
    text = format_description(metadata | {"precision": "int8"})
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "reads 9 frames, around the current one" in lines
    assert "training subjects A01, A02" in lines
    assert "precision int8" in lines
    assert lines.count("3 r_ankle r_knee") == 1
    for side in ("inputs", "outputs"):
        for name, tensor in metadata["signatures"]["lift"][side].items():
            (line,) = (line for line in lines if line.startswith(f"{name} {tensor['dtype']}"))
            assert tensor["meaning"] in line
    assert any(line.startswith("frames int32 (any):") and "-1 if not" in line for line in lines)
    assert text.endswith(CARD)


def test_nothing_in_a_file_steers_the_terminal(metadata):
    text = format_description(metadata | {"card": "a\x1b[2Jb\x9b31mc\rd\ne"})
    assert text.endswith("a[2Jb31mcd\ne")


@pytest.mark.parametrize("name", WRITERS)
@fuzz(max_examples=60)
@given(data=st.data())
def test_damaged_exports(name, metadata, tmp_path_factory, data):
    path = WRITERS[name](tmp_path_factory.mktemp("damaged") / name, as_json(metadata))
    file = path / "assets.extra" / "metadata.json" if path.is_dir() else path
    with damaged(data, file):
        format_description(read_metadata(path))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 20) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@fuzz(max_examples=100)
@given(data=st.data())
def test_metadata_that_are_not_what_they_should_be(metadata, tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "changed.tflite"
    changed = json.loads(as_json(metadata))
    place = changed
    for _ in range(data.draw(st.integers(0, 4))):
        inner = [value for value in place.values() if isinstance(value, dict) and value]
        place = data.draw(st.sampled_from(inner)) if inner else place
    key = data.draw(st.sampled_from(sorted(place)) | st.text(max_size=5))
    place[key] = data.draw(ANYTHING)
    with reads_or_refuses():
        format_description(read_metadata(write_tflite(path, json.dumps(changed))))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "another"}, "format is not anatomy-tf lifter"),
        ({"causal": 1}, "causal is missing, or no bool"),
        ({"joint_names": ["a", "a"]}, "joint_names are not distinct strings"),
        ({"joint_names": ["a", "b"]}, "2 joint_names but 17 parents"),
        ({"parents": [17] * 17}, "parents are not numbers of joints, or -1"),
        ({"signatures": {"a\nb": {"inputs": {}}}}, r"signature 'a\\nb' does not describe its out"),
        ({"signatures": {"lift": {"inputs": {"a": 1}}}}, "'lift' does not describe its inputs"),
    ],
)
def test_what_is_wrong_is_named(change, message, metadata, tmp_path):
    path = write_tflite(tmp_path / "model.tflite", as_json(metadata | change))
    with pytest.raises(
        InputError, match=f"model.tflite: its metadata are damaged, or of another kind: .*{message}"
    ):
        read_metadata(path)


@pytest.mark.parametrize("text", ["[" * 10**5, "9" * 10**5, '"\\ud800"', "{", "", "\x00"])
@pytest.mark.parametrize("name", WRITERS)
def test_texts_that_are_not_json(name, text, tmp_path):
    path = WRITERS[name](tmp_path / name, text)
    with pytest.raises(InputError, match="its metadata are truncated, or not JSON"):
        read_metadata(path)


def test_bombs_do_not_go_off(metadata, tmp_path):
    text = as_json(metadata | {"card": " " * (8 << 20)})
    path = write_tflite(tmp_path / "model.tflite", text, zipfile.ZIP_DEFLATED)
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read_metadata(path)
    path = write_tflite(tmp_path / "model.tflite", text, zipfile.ZIP_BZIP2)
    with pytest.raises(InputError, match="compressed in a way that is not read"):
        read_metadata(path)
    path = write_saved_model(tmp_path / "model", "{" + " " * MAX_BYTES + "}")
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read_metadata(path)


def test_a_long_name_does_not_widen_every_line(metadata):
    names = [str(joint) for joint in range(2000)]
    names[0] = "a" * 10**6
    changed = metadata | {"joint_names": names, "parents": [-1] * 2000}
    assert len(format_description(changed)) < 2 * 10**6


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.tflite", "none.tflite: file not found, nor a model that ships"),
        ("text.txt", "text.txt: neither a folder nor a .tflite, .onnx or .keras file"),
        ("bare.tflite", "bare.tflite: no metadata at its end"),
        ("bare.onnx", "bare.onnx: no metadata"),
        ("bare.keras", "bare.keras: truncated, or not a .keras file"),
        ("empty", "empty: no SavedModel"),
        ("foreign", "metadata.json: not found"),
    ],
)
def test_what_is_no_export(name, message, tmp_path):
    for file in ("text.txt", "bare.tflite", "bare.onnx", "bare.keras"):
        (tmp_path / file).touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "saved_model.pb").touch()
    with pytest.raises(InputError, match=message):
        read_metadata(tmp_path / name)


def test_onnx_files_need_its_package(metadata, tmp_path, monkeypatch):
    path = write_onnx(tmp_path / "model.onnx", as_json(metadata))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match=r"pip install -e '\.\[onnx\]'"):
        read_metadata(path)
