import dataclasses
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.errors import InputError
from anatomy_tf.export.tflite.tflite_lifter import TfliteLifter
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.speed.subjects import with_frames
from tests.damage import changed, fuzz, reads_or_refuses
from tests.export.tflite.small_tflite import small_tflite


@pytest.fixture
def file(tmp_path):
    _, content = small_tflite()
    (tmp_path / "small.tflite").write_bytes(content)
    return tmp_path / "small.tflite"


@pytest.fixture
def clip(cmu_test_clips):
    clip = with_frames(cmu_test_clips[3], 40)
    # Visibility 0 would say that a joint was not seen.
    return dataclasses.replace(clip, visibility=clip.visibility.clip(1e-3))


def test_gives_what_the_keras_model_gives_whole_and_frame_by_frame(file, clip):
    model, _ = small_tflite()
    expected = ClipLifter(model)(clip)
    lifter = TfliteLifter(file)
    assert lifter.skeleton == model.skeleton
    assert (lifter.causal, lifter.frames) == (True, None)
    found = lifter(clip)
    streamed = list(lifter.stream(clip))
    assert set(found) == set(expected) == set(streamed[0])
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4, err_msg=name)
        by_frame = np.stack([outputs[name] for outputs in streamed])
        np.testing.assert_allclose(by_frame, values, atol=1e-4, err_msg=name)


@pytest.mark.long
def test_a_file_of_fixed_sizes_takes_shorter_clips(file, clip):
    model, content = small_tflite(frames=45)
    file.write_bytes(content)
    lifter = TfliteLifter(file)
    assert (lifter.causal, lifter.frames) == (False, 45)
    expected, found = ClipLifter(model)(clip), lifter(clip)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4, err_msg=name)
    with pytest.raises(InputError, match="50 frames; the file takes 45 at most"):
        lifter(with_frames(clip, 50))
    with pytest.raises(InputError, match="streaming needs a causal model"):
        next(lifter.stream(clip))


def test_two_streams_in_turns_do_not_mix(file, clip):
    lifter = TfliteLifter(file)
    backwards = dataclasses.replace(clip, keypoints=clip.keypoints[::-1])
    alone = [[outputs["joints"] for outputs in lifter.stream(c)] for c in (clip, backwards)]
    in_turns = zip(lifter.stream(clip), lifter.stream(backwards), strict=True)
    for first, second, outputs in zip(*alone, in_turns, strict=True):
        np.testing.assert_array_equal(outputs[0]["joints"], first)
        np.testing.assert_array_equal(outputs[1]["joints"], second)


def test_clips_of_another_body_are_refused(file, clip):
    lifter = TfliteLifter(file)
    names = ("pelvis", *reversed(clip.skeleton.joint_names[1:]))
    other = dataclasses.replace(clip, skeleton=Skeleton.from_names(names, clip.skeleton.parents))
    for lift in (lifter, lambda c: next(lifter.stream(c))):
        with pytest.raises(InputError, match="its 17 joints are not the 17 of the model"):
            lift(other)


def test_files_that_are_none(tmp_path, file):
    content = file.read_bytes()
    archive = content.rindex(b"PK\x03\x04")
    cases = {
        "empty": b"",
        "text": b"not a model\n",
        "no metadata": content[:archive],
        "truncated": content[: len(content) // 2],
        "metadata alone": content[archive:],
        "another model": b"\0" * archive + content[archive:],
    }
    for name, bad in cases.items():
        file.write_bytes(bad)
        with pytest.raises(InputError, match="small.tflite: "):
            TfliteLifter(file)
            pytest.fail(name)
    with pytest.raises(InputError, match="missing.tflite"):
        TfliteLifter(tmp_path / "missing.tflite")
    with pytest.raises(InputError, match="threads: must be positive, got 0"):
        TfliteLifter(file, threads=0)


def test_without_the_interpreter(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(InputError, match="pip install ai-edge-litert"):
        TfliteLifter(file)


@fuzz(max_examples=60)
@given(data=st.data())
def test_damaged_metadata_are_read_or_refused(file, data):
    _, content = small_tflite()
    archive = content.rindex(b"PK\x03\x04")
    file.write_bytes(content[:archive] + changed(data, content[archive:]))
    with reads_or_refuses():
        TfliteLifter(file)
