import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.sampling import window_offsets
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.models.length_frames import LengthFrames, frames_for_clip
from anatomy_tf.models.lifter import AnatomyLifter, load_lifter
from anatomy_tf.skeleton import H36M_17, Skeleton
from tests.conftest import random_clip
from tests.lifters import randomise_statistics
from tests.long import long

STAR = Skeleton.from_names(("l_hand", "centre", "r_hand", "head"), (1, -1, 1, 1))


def windows_of(clip: dict, lifter) -> dict:
    """A window around every frame, its ends repeated; the sampled frames are those of the clip."""
    before, after = window_offsets(lifter.receptive_field, lifter.causal)
    windows = {}
    for name, values in clip.items():
        padding = [(before, after)] + [(0, 0)] * (values.ndim - 2)
        padded = np.pad(values[0], padding, "edge")
        windows[name] = np.stack(
            [padded[t : t + lifter.receptive_field] for t in range(values.shape[1])]
        )
    return windows


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        *({}, {"filter_widths": (3, 5, 3), "sub_networks": 3}),
        {"visibility": "none", "assembly": "kinematic"},
        {"long_skips": False, "length_network": "mean"},
        {"skeleton": STAR, "filter_widths": (3, 3)},
        *(long({"sub_networks": 1}), long({"sub_networks": 3}), long({"filter_widths": (5, 3)})),
        long({"visibility": "concatenation", "length_network": "direct"}),
        long({"long_skips": False, "sub_networks": 3, "filter_widths": (3, 5, 3)}),
    ],
)
def test_a_whole_clip_equals_its_windows(arguments, causal):
    lifter = AnatomyLifter(**{"channels": 12, "causal": causal} | arguments)
    randomise_statistics(lifter)
    joints = lifter.skeleton.num_joints
    beginning = tf.TensorSpec((1, None, joints, 2))
    length_model = tf.function(lifter.length_model, [beginning], autograph=False)
    for frames in (1, lifter.receptive_field + 3):
        clip = random_clip(frames, joints, seed=frames)
        whole = lifter(clip)
        assert np.isfinite(whole["joints"]).all()
        seen = range(1, frames + 1) if causal else [frames]
        lengths = [length_model(clip["keypoints"][:, :end])["lengths"][0] for end in seen]
        lengths = np.broadcast_to(lengths, (frames, len(lengths[0])))
        windows = windows_of(clip, lifter)
        directions = lifter.direction_network(windows["keypoints"], windows["visibility"])[-1]
        expected = lifter.joint_head(directions, lengths)[:, 0]
        np.testing.assert_allclose(whole["directions"][0], directions[:, 0], atol=1e-5)
        np.testing.assert_allclose(
            np.broadcast_to(whole["lengths"][0], lengths.shape), lengths, atol=1e-5
        )
        np.testing.assert_allclose(whole["joints"][0], expected, atol=1e-5)


@pytest.mark.parametrize("mode", ["firstframes", "random", "consecutive"])
def test_a_clip_has_the_lengths_of_the_frames_chosen(mode):
    length_frames = LengthFrames(mode, 4)
    lifter = AnatomyLifter(channels=8, length_frames=length_frames)
    randomise_statistics(lifter)
    clip = random_clip(11)
    numbers, _ = frames_for_clip(tf.constant([11]), 11, length_frames)
    chosen = np.atleast_2d(numbers[0])
    expected = [lifter.length_model(clip["keypoints"][:, row])["lengths"][0] for row in chosen]
    found = np.atleast_2d(lifter(clip)["lengths"][0])
    np.testing.assert_allclose(found, np.stack(expected), atol=1e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"causal": True, "sub_networks": 3},
        {"length_frames": LengthFrames("consecutive", 6)},
        {"assembly": "bones", "filter_widths": (5, 3)},
    ],
)
def test_chunks_change_nothing(arguments):
    lifter = AnatomyLifter(**{"channels": 8} | arguments)
    randomise_statistics(lifter)
    for frames in (1, 20, 45):
        clip = random_clip(frames, batch=2)
        whole = lifter.clip_model(chunk_frames=None)(clip)
        for name, value in lifter.clip_model(chunk_frames=20)(clip).items():
            np.testing.assert_allclose(value, whole[name], atol=1e-5, err_msg=name)


def test_the_window_model_has_the_same_weights_and_result(small_lifter):
    randomise_statistics(small_lifter)
    clip = random_clip(30)
    windows = windows_of(clip, small_lifter)
    sampled = np.repeat(clip["keypoints"], 30, axis=0)
    lengths = small_lifter.length_model(sampled)["lengths"]
    outputs = small_lifter.window_model(
        {name: tf.constant(value) for name, value in windows.items()} | {"lengths": lengths}
    )
    whole = small_lifter(clip)
    np.testing.assert_allclose(whole["joints"][0], outputs["joints"][-1][:, 0], atol=1e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        {"sub_networks": 3},
        {"causal": True, "visibility": "concatenation", "long_skips": False},
        {"assembly": "joints", "joint_shifts": False, "sub_networks": 1},
    ],
)
def test_a_longer_window_gives_what_single_windows_give(arguments, eager):
    lifter = AnatomyLifter(**{"filter_widths": (3, 5, 3), "channels": 8, "dropout": 0} | arguments)
    randomise_statistics(lifter)
    clip = {name: tf.constant(value) for name, value in random_clip(45 + 3, batch=2).items()}
    lengths = {"lengths": tf.fill((2, 16), 0.3)} if lifter.frame_network else {}
    found = lifter.window_model(clip | lengths)
    for frame in range(4):
        window = {name: value[:, frame : frame + 45] for name, value in clip.items()}
        for name, values in lifter.window_model(window | lengths).items():
            for several, single in zip(found[name], values, strict=True):
                assert several.shape[1] == 4
                np.testing.assert_allclose(several[:, frame], single[:, 0], atol=1e-5, err_msg=name)
    with tf.GradientTape() as tape:
        outputs = lifter.window_model(clip | lengths, training=True)
        total = tf.add_n([tf.reduce_sum(value[..., 0]) for value in tf.nest.flatten(outputs)])
    gradients = tape.gradient(total, lifter.parts.window_model.trainable_variables)
    assert all(np.isfinite(gradient).all() and np.any(gradient) for gradient in gradients)


def test_a_causal_model_does_not_look_ahead():
    lifter = AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8, causal=True)
    clip = random_clip(40)
    changed = {name: values.copy() for name, values in clip.items()}
    for values in changed.values():
        values[:, 25:] += 1
    for name, values in lifter(clip).items():
        later = lifter(changed)[name]
        np.testing.assert_allclose(values[:, :25], later[:, :25], atol=1e-6)
        assert np.abs(values[:, 25] - later[:, 25]).max() > 1e-4


def test_without_visibility_the_scores_change_nothing():
    clip = random_clip(20)
    other = clip | {"visibility": 1 - clip["visibility"]}
    for visibility in ("attention", "concatenation", "none"):
        lifter = AnatomyLifter(H36M_17, (3, 3), channels=8, visibility=visibility)
        same = np.allclose(lifter(clip)["joints"], lifter(other)["joints"], atol=1e-6)
        assert same == (visibility == "none")


def test_kinematic_bones_have_exactly_the_predicted_lengths():
    lifter = AnatomyLifter(H36M_17, (3, 3), channels=8, assembly="kinematic")
    outputs = lifter(random_clip(20))
    _, lengths = joints_to_bones(outputs["joints"], H36M_17)
    expected = np.broadcast_to(outputs["lengths"][:, None], lengths.shape)
    np.testing.assert_allclose(lengths, expected, atol=1e-6)
    assert not np.asarray(outputs["joints"])[:, :, H36M_17.root].any()


def test_a_batch_equals_its_clips_one_by_one(small_lifter):
    clips = random_clip(20, batch=3)
    together = small_lifter(clips)
    for i in range(3):
        alone = small_lifter({name: values[i : i + 1] for name, values in clips.items()})
        for name, values in alone.items():
            np.testing.assert_allclose(values[0], together[name][i], atol=1e-6)


@pytest.mark.parametrize(
    "arguments",
    [
        {"causal": True, "sub_networks": 3},
        {"skeleton": STAR, "dropout": 0.1, "seed": 5},
        long({"assembly": "kinematic", "visibility": "none", "self_pairs": True, "gamma": 3.0}),
        long({"length_network": "direct", "length_frames": LengthFrames("random", 4, seed=2)}),
        long({"assembly": "joints", "long_skips": False}),
        long({"assembly": "bones", "visibility": "concatenation"}),
    ],
)
def test_saved_and_loaded_models_are_equal(arguments, tmp_path):
    lifter = AnatomyLifter(filter_widths=(3, 3), channels=8, **arguments)
    randomise_statistics(lifter)
    lifter.save(tmp_path / "model.keras")
    loaded = load_lifter(tmp_path)
    assert loaded.get_config() == lifter.get_config()
    for before, after in zip(lifter.training_weights(), loaded.training_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    clip = random_clip(15, lifter.skeleton.num_joints)
    np.testing.assert_array_equal(lifter(clip)["joints"], loaded(clip)["joints"])


def test_a_file_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"model.keras: file not found"):
        load_lifter(tmp_path)
    path = tmp_path / "model.keras"
    AnatomyLifter(H36M_17, (3, 3), channels=4).save(path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(InputError, match=r"model.keras: truncated, or not a .keras file"):
        load_lifter(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(InputError, match=r"model.keras: damaged, or not a model of this project"):
        load_lifter(path)
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
    with pytest.raises(InputError, match=r"a Keras model, but not one of this project"):
        load_lifter(path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filter_widths": (3,)}, "filter_widths: two or more odd numbers"),
        ({"filter_widths": (3, 4)}, "filter_widths: two or more odd numbers"),
        ({"channels": 0}, "channels: must be positive"),
        ({"dropout": 1.0}, "dropout: must lie in"),
        ({"sub_networks": 4}, "sub_networks: must be 1, 2 or 3"),
        ({"assembly": "magic"}, "assembly: must be one of released, kinematic, joints, bones"),
        ({"visibility": True}, "visibility: must be one of attention, concatenation, none"),
        ({"length_network": "none"}, "length_network: must be one of attention, mean, direct"),
        ({"length_frames": {"mode": "none"}}, "length frames: must be one of all, random"),
        ({"length_frames": {"count": 0}}, "length frames: their count must lie in"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        AnatomyLifter(H36M_17, **arguments)


def test_the_clip_graph_is_free_of_python_shapes(small_lifter):
    """One trace serves every batch size and length."""
    traces = []

    @tf.function(
        input_signature=[
            {
                "keypoints": tf.TensorSpec((None, None, 17, 2)),
                "visibility": tf.TensorSpec((None, None, 17)),
            }
        ]
    )
    def lift(inputs):
        traces.append(1)
        return small_lifter(inputs)

    for frames in (1, 9, 50):
        assert lift(random_clip(frames, batch=2))["joints"].shape == (2, frames, 17, 3)
    assert len(traces) == 1
