import dataclasses
import errno
import itertools
import os
import signal

import numpy as np
import pytest

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.frame_table_on_disk import frame_table_on_disk
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.batches.rows_on_disk import RowsOnDisk
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.bones import joints_to_bones

SAMPLING = Sampling(sampled_frames=6, batch_size=32, steps_per_epoch=4, seed=5)


@pytest.fixture(scope="module")
def table(clips):
    return build_frame_table(clips)


@pytest.fixture(scope="module")
def drawn(table):
    """The batches of two epochs."""
    return batches(table)


def batches(table, sampling=SAMPLING, window=9, causal=False, epochs=2, skip_steps=0):
    dataset = training_dataset(table, sampling, window, causal, skip_steps)
    dataset = dataset.take(epochs * sampling.steps_per_epoch - skip_steps)
    return [{**inputs, **targets} for inputs, targets in dataset.as_numpy_iterator()]


def assert_equal(some, others):
    assert len(some) == len(others)
    for one, other in zip(some, others, strict=True):
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def test_shapes(drawn):
    assert {name: value.shape for name, value in drawn[0].items()} == {
        "keypoints": (32, 9, 17, 2),
        "visibility": (32, 9, 17),
        "sampled_keypoints": (32, 6, 17, 2),
        "augmented_sampled_keypoints": (32, 6, 17, 2),
        "sample_of": (32,),
        "picked": (32,),
        "joints": (32, 1, 17, 3),
        "lengths": (32, 16),
        "picked_joints": (32, 17, 3),
        "augmented_picked_joints": (32, 17, 3),
        "augmented_lengths": (32, 16),
    }


@pytest.mark.parametrize("causal", [False, True], ids=["symmetric", "causal"])
def test_several_frames_an_example_are_in_a_row_and_in_the_window(clips, table, causal):
    """Also of clips that have no frame more than an example."""
    number = {joints.tobytes(): row for row, joints in enumerate(np.array(table.joints))}
    before = 8 if causal else 4
    for frames, changes in ((5, {"other_windows": True, "consecutive": True}), (60, {})):
        sampling = dataclasses.replace(SAMPLING, frames_per_example=frames, **changes)
        for batch in batches(table, sampling, causal=causal, epochs=1):
            assert batch["keypoints"].shape == (32, 9 + frames - 1, 17, 2)
            assert batch.get("other_keypoints", batch["keypoints"]).shape[1] == 9 + frames - 1
            rows = np.array([[number[x.tobytes()] for x in some] for some in batch["joints"]])
            assert rows.shape == (32, frames)
            assert (np.diff(rows, axis=1) == 1).all()
            assert (np.ptp(np.array(table.clip_of)[rows], axis=1) == 0).all()
            seen = batch["keypoints"][:, before : before + frames]
            np.testing.assert_array_equal(seen, np.array(table.keypoints)[rows])


def test_the_last_frame_of_clips_with_too_few_repeats(table):
    sampling = dataclasses.replace(SAMPLING, frames_per_example=63)
    batch = batches(table, sampling, epochs=1)[0]
    assert np.any(batch["joints"][:, 58] != batch["joints"][:, 59])
    np.testing.assert_array_equal(batch["joints"][:, 59:], batch["joints"][:, 59:60].repeat(4, 1))
    np.testing.assert_array_equal(
        batch["keypoints"][:, 63:], batch["keypoints"][:, 63:64].repeat(8, 1)
    )


def test_the_same_seed_gives_the_same_batches_and_another_does_not(table, drawn):
    assert_equal(drawn, batches(table))
    other = batches(table, dataclasses.replace(SAMPLING, seed=6))
    assert not np.array_equal(drawn[0]["keypoints"], other[0]["keypoints"])
    assert not np.array_equal(drawn[0]["keypoints"], drawn[4]["keypoints"])


@pytest.mark.parametrize("skip_steps", [4, 6])
def test_skipped_steps_do_not_change_those_that_follow(table, drawn, skip_steps):
    assert_equal(drawn[skip_steps:], batches(table, skip_steps=skip_steps))


@pytest.mark.parametrize("causal", [False, True])
def test_every_window_is_one_of_a_clip(clips, table, causal):
    """Windows, sampled frames and targets are found again in the clip, straight or mirrored."""
    padded, joints, lengths = {}, {}, {}
    before, after = (8, 0) if causal else (4, 4)
    flip = table.skeleton.flip_joints
    for clip, mirrored in itertools.product(clips, (False, True)):
        screen, body = clip.screen_keypoints(), clip.camera_joints()
        body = body - body[:, :1]
        if mirrored:
            screen, body = screen[:, flip] * [-1, 1], body[:, flip] * [-1, 1, 1]
        key = (clip.name, mirrored)
        padded[key] = np.pad(screen, ((before, after), (0, 0), (0, 0)), "edge").astype(np.float32)
        joints[key] = body.astype(np.float32)
        lengths[key] = joints_to_bones(body, clip.skeleton)[1].numpy().mean(axis=0)

    seen_mirrored = set()
    for batch in batches(table, causal=causal, epochs=1):
        for example in range(32):
            matches = [
                (key, frame)
                for key, frames in padded.items()
                for frame in range(len(joints[key]))
                if np.array_equal(frames[frame : frame + 9], batch["keypoints"][example])
            ]
            assert len(matches) == 1
            key, frame = matches[0]
            seen_mirrored.add(key[1])
            np.testing.assert_allclose(batch["joints"][example, 0], joints[key][frame], atol=1e-6)
            np.testing.assert_allclose(batch["lengths"][example], lengths[key], atol=1e-5)
            clip = padded[key][before : len(padded[key]) - after]
            visible = clip[: frame + 1] if causal else clip
            found = [
                np.flatnonzero((visible == sampled).all(axis=(1, 2)))
                for sampled in batch["sampled_keypoints"][example]
            ]
            assert all(len(frames) for frames in found)
            if len(visible) >= 6:
                assert len({frames[0] for frames in found}) == 6
            picked = found[batch["picked"][example]][0]
            np.testing.assert_allclose(
                batch["picked_joints"][example], joints[key][picked], atol=1e-6
            )
    assert seen_mirrored == {False, True}


def test_augmented_bodies_have_their_new_lengths_and_leave_the_real_targets_alone(table, drawn):
    for batch in drawn:
        _, lengths = joints_to_bones(batch["augmented_picked_joints"], table.skeleton)
        np.testing.assert_allclose(lengths, batch["augmented_lengths"], atol=1e-5)
        _, lengths = joints_to_bones(batch["picked_joints"], table.skeleton)
        np.testing.assert_allclose(lengths, batch["lengths"], atol=3e-3)  # stored in millimetres
        assert np.isfinite(batch["augmented_sampled_keypoints"]).all()


def test_only_what_is_asked_for_is_drawn(table):
    everything = dataclasses.replace(SAMPLING, other_windows=True)
    real = dataclasses.replace(everything, augmentation_degree=0)
    windows = dataclasses.replace(everything, sampled_frames=0)
    first = {
        name: batches(table, choice, epochs=1)[0]
        for name, choice in {"all": everything, "real": real, "windows": windows}.items()
    }
    made_up = {"augmented_sampled_keypoints", "augmented_picked_joints", "augmented_lengths"}
    lengths = {"sampled_keypoints", "sample_of", "lengths", "picked", "picked_joints"}
    others = {"other_keypoints", "other_visibility"}
    assert set(first["windows"]) == {"keypoints", "visibility", "joints"} | others
    assert set(first["real"]) == set(first["windows"]) | lengths
    assert set(first["all"]) == set(first["real"]) | made_up
    for name, value in first["windows"].items():
        np.testing.assert_array_equal(value, first["real"][name])
    for name, value in first["real"].items():
        np.testing.assert_array_equal(value, first["all"][name])


def test_examples_of_a_clip_share_their_samples(clips, table, drawn):
    """All else is as without sharing: windows and targets of the examples, and one set of frames a
    clip.
    """
    shared = dataclasses.replace(SAMPLING, shared=True)
    for own, batch in zip(drawn, batches(table, shared), strict=True):
        for name in ("keypoints", "joints", "lengths", "picked"):
            np.testing.assert_array_equal(own[name], batch[name])
        sets = len(batch["sampled_keypoints"])
        assert sets - 4 < batch["sample_of"].max() + 1 <= min(sets, 2 * len(clips))
        assert sets % 4 == 0  # an eighth of the batch
        assert batch["augmented_sampled_keypoints"].shape == (sets, 6, 17, 2)
        for number in batch["sample_of"]:
            assert len(np.unique(batch["lengths"][batch["sample_of"] == number], axis=0)) == 1
        _, lengths = joints_to_bones(batch["augmented_picked_joints"], table.skeleton)
        np.testing.assert_allclose(lengths, batch["augmented_lengths"], atol=1e-5)


def test_the_other_window_is_of_the_same_clip(clips, table):
    choice = dataclasses.replace(SAMPLING, other_windows=True)
    clip_of = {
        (screen[frame] * sign).astype(np.float32).tobytes(): clip.name
        for clip in clips
        for screen, sign in (
            (clip.screen_keypoints(), [1, 1]),
            (clip.screen_keypoints()[:, table.skeleton.flip_joints], [-1, 1]),
        )
        for frame in range(len(clip))
    }
    different = 0
    for batch in batches(table, choice, epochs=1):
        for one, other in zip(batch["keypoints"], batch["other_keypoints"], strict=True):
            assert clip_of[one[4].tobytes()] == clip_of[other[4].tobytes()]
            different += not np.array_equal(one, other)
    assert different > 100


def test_consecutive_frames_are_those_around_the_current_one(table):
    choice = dataclasses.replace(SAMPLING, consecutive=True, sampled_frames=5)
    near = 0
    for batch in batches(table, choice, epochs=1):
        near += (batch["keypoints"][:, 2:7] == batch["sampled_keypoints"]).all(axis=(1, 2, 3)).sum()
    assert near > 100  # all but those at the ends of a clip


def test_without_flips_nothing_is_mirrored(clips):
    table = build_frame_table(clips, flip=False)
    assert len(table.keypoints) == sum(map(len, clips))


def test_too_few_frames_for_an_epoch(table):
    with pytest.raises(InputError, match="480 frames .* make 15 batches of 32, fewer than the 99"):
        batches(table, dataclasses.replace(SAMPLING, steps_per_epoch=99))


def test_no_clips():
    with pytest.raises(InputError, match="no clips"):
        build_frame_table([])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"shared": True, "other_windows": True, "frames_per_example": 3},
        {"context": (2, 1), "consecutive": True},
    ],
)
def test_rows_on_disk_give_the_same_batches(clips, table, tmp_path, changes):
    sampling = dataclasses.replace(SAMPLING, **changes)
    on_disk = frame_table_on_disk(iter(clips), tmp_path / "disk")
    assert len(on_disk) == len(table)
    assert not list((tmp_path / "disk").iterdir())
    assert_equal(batches(table, sampling, epochs=1), batches(on_disk, sampling, epochs=1))


def test_without_mirrored_clips_or_without_clips(clips, tmp_path):
    folder = tmp_path / "disk"
    on_disk = frame_table_on_disk(clips, folder, flip=False)
    in_memory = build_frame_table(clips, flip=False)
    assert_equal(batches(in_memory, epochs=1), batches(on_disk, epochs=1))
    with pytest.raises(InputError, match="no clips"):
        frame_table_on_disk([], folder)
    file = folder / "file"
    file.touch()
    with pytest.raises(InputError, match="file/frames: cannot be written"):
        frame_table_on_disk(clips, file)
    assert list(folder.iterdir()) == [file]


def test_what_a_killed_process_left_of_its_rows_goes(clips, tmp_path):
    child = os.fork()
    if not child:

        def until_killed():
            yield clips[0]
            os.kill(os.getpid(), signal.SIGKILL)

        frame_table_on_disk(until_killed(), tmp_path)
    os.waitpid(child, 0)
    (left,) = tmp_path.iterdir()
    assert any(left.iterdir())
    frame_table_on_disk(clips, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_nothing(clips, tmp_path, monkeypatch):
    class Full(RowsOnDisk):
        def __init__(self, *arguments):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(frame_table_on_disk.__module__ + ".RowsOnDisk", Full)
    with pytest.raises(InputError, match=r"cannot be written \(No space left"):
        frame_table_on_disk(clips, tmp_path / "disk")
    assert not list((tmp_path / "disk").iterdir())
