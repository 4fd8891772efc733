import copy
import json
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError
from tests.damage import changed
from tests.data.detections.samples import JSON, RESOLUTION


def read_or_refuse(path, format="auto"):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            read_detections(path, format=format, resolution=RESOLUTION)
    except InputError as error:
        assert "\n" not in str(error)
        assert path.name in str(error)


KINDS = (*JSON, "zip", "frame", "detectron2", "csv", "npz", "landmarks", "wide", "trc", "labels")
KINDS += ("data_set", "lifter")


@pytest.mark.parametrize("name", KINDS)
def test_a_file_with_changed_bytes_is_read_or_refused(small_files, name):
    whole = path = small_files[name]
    if whole.is_dir():
        path = sorted(whole.iterdir())[-1]
    original = path.read_bytes()

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def check(data):
        path.write_bytes(changed(data, original))
        read_or_refuse(whole)

    try:
        check()
    finally:
        path.write_bytes(original)


JUNK = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        2.5,
        1e300,
        1e308,
        -1e-300,
        10**400,
        "",
        "7",
        "x" * 100,
        "\n",
        [],
        {},
        [[]],
        [{}],
    ]
)


def _places(node):
    """Every container in parsed JSON with each of its keys or indices."""
    if isinstance(node, dict | list):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield node, key
            yield from _places(node[key])


@pytest.mark.parametrize("name", JSON)
def test_json_with_any_value_changed_is_read_or_refused(tmp_path, name):
    format = {"inferencer": "mmpose", "image": "mmpose", "javascript": "mediapipe"}.get(name, name)

    @settings(max_examples=100, deadline=None)
    @given(data=st.data(), junk=JUNK, named=st.booleans(), remove=st.booleans())
    def check(data, junk, named, remove):
        content = copy.deepcopy(JSON[name])
        places = list(_places(content))
        # The first places are the outer ones, of which there are few.
        last = data.draw(st.sampled_from([20, len(places) - 1]))
        container, key = places[data.draw(st.integers(0, last))]
        if remove:
            del container[key]
        else:
            container[key] = junk
        (tmp_path / "changed.json").write_text(json.dumps(content))
        read_or_refuse(tmp_path / "changed.json", format if named else "auto")

    check()
