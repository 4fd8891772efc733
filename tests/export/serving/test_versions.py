"""A folder for TensorFlow Serving: versions beside each other, and the server's configuration."""

import contextlib
import pathlib
import sys

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from hypothesis import given
from hypothesis import strategies as st
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from anatomy_tf.errors import InputError
from anatomy_tf.export.serving import versions as serving
from anatomy_tf.export.serving.server_page import MARK, serving_readme
from anatomy_tf.export.serving.versions import new_version, next_version
from anatomy_tf.export.written_outputs import Outputs, export
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from tests.damage import damaged, fuzz


def export_serving(model, folder, name="anatomy", version=None) -> pathlib.Path:
    (path,) = export(model, Outputs(serving_dir=folder, serving_name=name, serving_version=version))
    return pathlib.Path(path)


@pytest.fixture
def quick(monkeypatch):
    """No model is written, only the folder around it."""

    def write(model, folder, card, keypoint_set):
        (folder / "assets.extra").mkdir()
        empty = SavedModel(meta_graphs=[MetaGraphDef()])
        (folder / "saved_model.pb").write_bytes(empty.SerializeToString())

    monkeypatch.setattr(serving, "write_saved_model", write)


def test_what_is_in_the_folder(small_lifter, tmp_path, quick):
    assert export_serving(small_lifter, tmp_path) == tmp_path / "anatomy" / "1"
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == [
        "README.md",
        "anatomy/1/assets.extra/tf_serving_warmup_requests",
        "anatomy/1/saved_model.pb",
        "batching.config",
        "models.config",
    ]
    config = text_format.Parse((tmp_path / "models.config").read_text(), ModelServerConfig())
    (model,) = config.model_config_list.config
    assert (model.name, model.base_path) == ("anatomy", "/models/anatomy")
    assert model.model_platform == "tensorflow"


def test_the_batching_configuration_is_one_of_tensorflow_serving():
    fields = [
        *((1, "max_batch_size"), (2, "batch_timeout_micros"), (3, "max_enqueued_batches")),
        *((4, "num_batch_threads"), (6, "allowed_batch_sizes"), (7, "pad_variable_length_inputs")),
    ]
    file = descriptor_pb2.FileDescriptorProto(
        name="batching.proto", dependency=["google/protobuf/wrappers.proto"], syntax="proto3"
    )
    message = file.message_type.add(name="BatchingParameters")
    for number, name in fields:
        field = message.field.add(name=name, number=number, label=1, type=11)
        field.type_name = ".google.protobuf.Int64Value"
        if number >= 6:
            field.ClearField("type_name")
            field.type, field.label = (3, 3) if number == 6 else (8, 1)
    pool = descriptor_pool.Default()
    pool.Add(file)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName("BatchingParameters"))
    config = text_format.Parse(serving.BATCHING, kind())
    assert {field.name for field, _ in config.ListFields()} == {name for _, name in fields}
    sizes = list(config.allowed_batch_sizes)
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == config.max_batch_size.value


def test_versions_stand_beside_each_other(small_lifter, tmp_path, quick):
    assert next_version(tmp_path, "anatomy") == 1
    folders = [export_serving(small_lifter, tmp_path, version=v) for v in (None, None, 7, None)]
    assert [f.name for f in folders] == ["1", "2", "7", "8"]
    assert all((f / "saved_model.pb").is_file() for f in folders)
    with pytest.raises(InputError, match="anatomy/7 is there already and not empty"):
        export_serving(small_lifter, tmp_path, version=7)


def test_what_the_user_wrote_stays(small_lifter, tmp_path, quick):
    (tmp_path / "batching.config").write_text("max_batch_size { value: 4 }\n")
    (tmp_path / "README.md").write_text("# Mine\n")
    own = 'model_config_list {\n  # mine\n  config { name: "other" base_path: "/o" }\n}\n'
    (tmp_path / "models.config").write_text(own)
    export_serving(small_lifter, tmp_path)
    assert (tmp_path / "batching.config").read_text() == "max_batch_size { value: 4 }\n"
    assert (tmp_path / "README.md").read_text() == "# Mine\n"
    both = (tmp_path / "models.config").read_text()
    assert "# mine" in both
    config = text_format.Parse(both, ModelServerConfig())
    assert [m.name for m in config.model_config_list.config] == ["other", "anatomy"]
    export_serving(small_lifter, tmp_path)
    assert (tmp_path / "models.config").read_text() == both


def test_the_page_is_of_the_newest_version(small_lifter, tmp_path, quick):
    export_serving(small_lifter, tmp_path, "walker")
    page = (tmp_path / "README.md").read_text()
    assert page.startswith(MARK)
    assert "models/walker:predict" in page
    assert "None: the model reads frames to come" in page
    causal = AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8, causal=True)
    export_serving(causal, tmp_path, "walker")
    assert "`stream` lifts the next frames" in (tmp_path / "README.md").read_text()
    baseline = AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8, assembly="joints")
    assert "lengths" in page
    assert "lengths" not in serving_readme(baseline, "walker")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"name": "../up"}, "name '../up': must be letters"),
        ({"name": ""}, "name '': must be letters"),
        ({"name": "models.config"}, "must be letters"),
        ({"version": 0}, "version 0: must be from 1"),
        ({"version": 2**63}, "must be from 1 to 9223372036854775807"),
    ],
    ids=str,
)
def test_names_and_versions_that_no_server_takes(arguments, message, small_lifter, tmp_path):
    with pytest.raises(InputError, match=message):
        export_serving(small_lifter, tmp_path, **arguments)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text, message",
    [
        (b"model_config_list {", "not a configuration of models"),
        (b"max_batch_size { value: 4 }", "not a configuration of models"),
        (b"\xff", "not a configuration of models"),
        (b"", "has no list of models at its end; add anatomy by hand"),
        (b"custom_model_config { }", "has no list of models at its end; add anatomy by hand"),
    ],
    ids=str,
)
def test_a_configuration_that_cannot_be_added_to(text, message, small_lifter, tmp_path):
    (tmp_path / "models.config").write_bytes(text)
    with pytest.raises(InputError, match=message) as caught:
        export_serving(small_lifter, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'models.config'}: ")
    assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["models.config"]
    assert (tmp_path / "models.config").read_bytes() == text


@fuzz(max_examples=50)
@given(st.data())
def test_a_damaged_configuration(small_lifter, tmp_path, data):
    path = tmp_path / "models.config"
    path.write_text('model_config_list { config { name: "other" base_path: "/other" } }')
    with (
        damaged(data, path),
        contextlib.suppress(KeyboardInterrupt),
        new_version(small_lifter, tmp_path, "anatomy", 1),
    ):
        raise KeyboardInterrupt
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_a_failure_leaves_no_file(small_lifter, tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError("no space")

    monkeypatch.setattr(serving, "write_saved_model", fail)
    with pytest.raises(InputError, match="anatomy/1: cannot be written"):
        export_serving(small_lifter, tmp_path)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
    assert next_version(tmp_path, "anatomy") == 1


def test_without_the_extra(small_lifter, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_serving", None)
    with pytest.raises(InputError, match="needs tensorflow-serving-api: pip install"):
        export_serving(small_lifter, tmp_path)
    assert not any(tmp_path.iterdir())
