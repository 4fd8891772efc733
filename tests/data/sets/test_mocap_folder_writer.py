import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.data.sets.mocap_folder_writer import write_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import Camera
from anatomy_tf.skeleton import Skeleton


@pytest.fixture
def source(mocap_folder):
    return open_mocap_folder(mocap_folder)


@pytest.fixture
def clips(source):
    return source.clips(["A01", "A10"])


def write(folder, clips, **options):
    write_mocap_folder(folder, clips, ["A01"], ["A10"], **options)
    return open_mocap_folder(folder)


def test_clips_are_read_back_equal(tmp_path, source, clips):
    written = write(tmp_path / "new" / "folder", iter(clips))
    assert written.train_subjects == ("A01",) and written.test_subjects == ("A10",)
    assert (written.skeleton, written.fps) == (source.skeleton, source.fps)
    assert written.poses.read(sorted(written.takes)[0]).dtype == np.int16
    for read, clip in zip(written.clips(["A01", "A10"]), clips, strict=True):
        assert (read.name, read.subject, read.action) == (clip.name, clip.subject, clip.action)
        assert read.camera == dataclasses.replace(
            clip.camera,
            **{
                field.name: list(getattr(clip.camera, field.name))
                for field in dataclasses.fields(Camera)
                if field.name != "resolution"
            },
        )
        np.testing.assert_array_equal(read.joints, clip.joints)  # those are whole millimetres
        np.testing.assert_array_equal(read.keypoints, clip.keypoints)
        np.testing.assert_allclose(read.visibility, clip.visibility, rtol=1e-6)


@pytest.mark.parametrize(
    "far, exact, error_mm, dtype",
    [(0, False, 0.501, np.int16), (0, True, 1e-3, np.float32), (40, False, 1e-2, np.float32)],
)
def test_joints_are_rounded_no_further_than_told(far, exact, error_mm, dtype, tmp_path, clips):
    joints = clips[0].joints + np.float32(far + 1 / 3000)
    clip = dataclasses.replace(clips[0], joints=joints)
    write_mocap_folder(tmp_path / "out", [clip], ["A01"], [], exact=exact)
    written = open_mocap_folder(tmp_path / "out")
    assert written.poses.read(clip.name[:-2]).dtype == dtype
    (read,) = written.clips(["A01"])
    assert 0 <= np.abs(read.joints - joints).max() * 1000 < error_mm
    assert written.test_subjects == ()


def _sideless(skeleton):
    return Skeleton(skeleton.joint_names, skeleton.parents)


MISTAKES = {
    "no clips": (lambda c: [], "there are no clips to write"),
    "no such subject": (lambda c: c[:4], "no clip of subject A10"),
    "name": (lambda c: [dataclasses.replace(c[0], name="A01/walk")], "named SUBJECT/TAKE/CAMERA"),
    "empty name": (lambda c: [dataclasses.replace(c[0], name="A01//0")], "SUBJECT/TAKE/CAMERA"),
    "line": (lambda c: [dataclasses.replace(c[0], name="A01/a\n/0")], "SUBJECT/TAKE/CAMERA"),
    "subject": (lambda c: [dataclasses.replace(c[0], subject="A02")], "another subject than A02"),
    "no joints": (lambda c: [dataclasses.replace(c[0], joints=None)], "joints is needed here"),
    "no camera": (lambda c: [dataclasses.replace(c[0], camera=None)], "camera is needed here"),
    "fps": (lambda c: [c[0], dataclasses.replace(c[1], fps=25)], "fps differs"),
    "resolution": (lambda c: [dataclasses.replace(c[0], resolution=(9, 9))], "not its camera's"),
    "sides": (
        lambda c: [dataclasses.replace(c[0], skeleton=_sideless(c[0].skeleton))],
        "do not tell left from right",
    ),
    "first camera": (lambda c: c[1:], "count from 0"),
    "twice": (lambda c: [c[0], c[0]], "count from 0"),
    "mixed takes": (lambda c: [c[0], c[2], c[1]], "must follow one another"),
    "action": (lambda c: [c[0], dataclasses.replace(c[1], action="x")], "action or joints differ"),
    "joints": (
        lambda c: [c[0], dataclasses.replace(c[1], joints=c[1].joints + 1)],
        "action or joints differ from those of clip A01/.*/0",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_and_nothing_is_written(name, tmp_path, clips):
    change, message = MISTAKES[name]
    with pytest.raises(InputError, match=message) as error:
        write(tmp_path / "out", change(clips))
    assert "\n" not in str(error.value).replace("a\n", "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mocap"]


def test_a_folder_that_is_there_stays_as_it_is(mocap_folder, clips):
    before = sorted(mocap_folder.iterdir())
    with pytest.raises(InputError, match="is there already"):
        write(mocap_folder, clips)
    assert sorted(mocap_folder.iterdir()) == before
