"""The keypoint frame `person` is the same in windows, whole clips and streams."""

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.sampling import window_frames
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.person_frame import clip_log_size, single_frames, turn_back
from anatomy_tf.models.lifter import AnatomyLifter, load_lifter
from anatomy_tf.models.lifter_stream import LifterStream
from anatomy_tf.skeleton import H36M_17
from tests.conftest import random_clip
from tests.lifters import random_lifter

FRAMES = 40
FOCAL = np.array([1.4, 2.2], np.float32)


@pytest.fixture(params=[False, True], ids=["symmetric", "causal"])
def lifter(request):
    return random_lifter(keypoint_frame="person", causal=request.param)


@pytest.fixture
def clips():
    clips = random_clip(FRAMES, batch=2) | {"focal": FOCAL}
    return {name: tf.constant(value) for name, value in clips.items()}


def test_windows_are_parts_of_the_clip(clips):
    lifter = random_lifter(keypoint_frame="person")
    outputs, frame = lifter(clips), lifter.person_frame
    frames = single_frames(*clips.values(), H36M_17)
    log_size = clip_log_size(frames.log_size, frames.size_weight)
    before, after = (4 + offset for offset in (frame.earlier, frame.later))
    for now in (0, 3, 21, FRAMES - 1):
        rows = window_frames(tf.constant([now]), tf.constant([FRAMES]), before, after)[0]
        window = [tf.gather(clips[name], rows, axis=1) for name in ("keypoints", "visibility")]
        points, visibility, rotation = frame.of_windows(*window, clips["focal"], log_size, None)
        inputs = {"keypoints": points, "visibility": visibility, "lengths": outputs["lengths"]}
        found = lifter.window_model(inputs)
        for name in ("joints", "directions"):
            vectors = turn_back(found[name][-1], rotation)[:, 0]
            np.testing.assert_allclose(vectors, outputs[name][:, now], atol=1e-5)


def test_a_stream_is_the_whole_clip(clips):
    lifter = random_lifter(keypoint_frame="person", causal=True)
    stream = LifterStream(lifter)
    state, parts, start = stream.initial_state(2), [], 0
    step = tf.function(stream.step, reduce_retracing=True)
    for frames in (*([1] * 13), 7, 20):
        here = [clips[name][:, start : start + frames] for name in ("keypoints", "visibility")]
        outputs, state = step(*here, state, clips["focal"])
        parts.append(outputs)
        start += frames
    for name, value in lifter(clips).items():
        streamed = tf.concat([part[name] for part in parts], axis=1)
        np.testing.assert_allclose(streamed, value, atol=1e-5)


def test_a_causal_model_reads_no_frame_to_come(clips):
    lifter = random_lifter(keypoint_frame="person", causal=True)
    some = {name: value[:, :25] if value.shape.rank > 1 else value for name, value in clips.items()}
    whole, part = lifter(clips), lifter(some)
    np.testing.assert_allclose(whole["joints"][:, :25], part["joints"], atol=1e-5)


def test_frames_after_the_end_of_a_clip_change_nothing(lifter, clips):
    total = tf.constant([30, 17])
    rows = tf.minimum(tf.range(FRAMES), total[:, tf.newaxis] - 1)
    padded = {
        name: tf.gather(clips[name], rows, axis=1, batch_dims=1)
        for name in ("keypoints", "visibility")
    }
    padded["focal"] = clips["focal"]
    found = lifter.parts.clip_outputs(padded, lifter.length_frames, None, total)
    for number, frames in enumerate(total.numpy()):
        alone = {name: clips[name][number : number + 1] for name in clips}
        alone |= {name: alone[name][:, :frames] for name in ("keypoints", "visibility")}
        expected = lifter(alone)["joints"][0]
        np.testing.assert_allclose(found["joints"][number, :frames], expected, atol=1e-5)


def test_the_size_in_the_image_does_not_scale_the_person(lifter, clips):
    """Half as large by a lens half as long: the same rays."""
    other = clips | {"keypoints": clips["keypoints"] / 2, "focal": clips["focal"] / 2}
    np.testing.assert_allclose(lifter(clips)["joints"], lifter(other)["joints"], atol=1e-5)


def test_the_frame_travels_with_a_saved_model(tmp_path, lifter, clips):
    lifter.save(tmp_path / "model.keras")
    loaded = load_lifter(tmp_path)
    assert loaded.keypoint_frame == "person"
    np.testing.assert_array_equal(loaded(clips)["joints"], lifter(clips)["joints"])


def test_models_from_before_there_were_frames_are_the_papers():
    config = AnatomyLifter(filter_widths=(3, 3), channels=4).get_config()
    del config["keypoint_frame"]
    assert AnatomyLifter.from_config(config).keypoint_frame == "screen"


def test_a_frame_that_does_not_exist_is_refused():
    with pytest.raises(
        InputError, match="keypoint_frame: must be one of screen, person, got world"
    ):
        AnatomyLifter(filter_widths=(3, 3), channels=4, keypoint_frame="world")
