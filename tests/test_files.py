import errno
import os
import pathlib
import stat

import pytest
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.files import (
    check_new_folder,
    check_output_file,
    check_output_folder,
    new_folder,
    replacing,
    writable_folder,
)
from anatomy_tf.training.checkpoints import Checkpoints


def test_a_file_is_replaced_only_when_it_is_whole(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    with replacing(path) as temporary:
        temporary.write_text("first")
        assert not path.exists()
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "first"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_a_folder_is_never_overwritten(tmp_path):
    path = tmp_path / "folder"
    with new_folder(path) as temporary:
        (temporary / "file").write_text("kept")
    with pytest.raises(InputError, match="there already and not empty"), new_folder(path):
        pass
    assert (path / "file").read_text() == "kept"
    with pytest.raises(RuntimeError), new_folder(tmp_path / "other") as temporary:
        (temporary / "file").write_text("half")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_a_folder_gives_way_only_to_a_whole_one(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").write_text("")
    with pytest.raises(RuntimeError), new_folder(path, replace=True):
        raise RuntimeError
    assert [p.name for p in path.iterdir()] == ["old"]
    with new_folder(path, replace=True) as temporary:
        (temporary / "new").write_text("")
    assert [p.name for p in path.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    for write in (replacing, new_folder):
        with (
            pytest.raises(InputError, match="file/inside: cannot be written"),
            write(blocked / "inside") as temporary,
        ):
            temporary.write_text("")
    with pytest.raises(InputError, match="file/inside: cannot be written"):
        writable_folder(blocked / "inside")


def test_an_output_that_cannot_be_written_is_refused_before_it_is(tmp_path):
    (tmp_path / "file").write_text("")
    check_output_file(None)
    check_output_file(tmp_path / "file")
    check_output_file(tmp_path / "new" / "deep" / "file")
    check_output_folder(tmp_path / "new" / "deep")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    with pytest.raises(InputError, match=r"^\S+: cannot be written \(is a folder\)"):
        check_output_file(tmp_path)
    with pytest.raises(InputError, match=r"file/x.json: cannot be written \(\S+file is not a fol"):
        check_output_file(tmp_path / "file" / "x.json")
    with pytest.raises(InputError, match=r"file/a/b: cannot be written \(\S+file is not a folder"):
        check_output_folder(tmp_path / "file" / "a" / "b")
    with pytest.raises(InputError, match="there already and not empty"):
        check_new_folder(tmp_path)


def write_file(folder):
    with replacing(folder / "file") as temporary:
        temporary.write_text("text")


def write_folder(folder):
    with new_folder(folder / "new") as temporary:
        (temporary / "deep").mkdir()
        (temporary / "deep" / "file").write_text("text")
        (temporary / "deep" / "file").chmod(0o444)


def write_checkpoint(folder):
    Checkpoints(folder, {"model": [tf.Variable(1.0)]}).save(3)


WRITERS = (write_file, write_folder, write_checkpoint)


@pytest.mark.parametrize("write", WRITERS)
def test_what_gets_its_name_is_on_the_disk(write, tmp_path, monkeypatch):
    handed, named, replace = set(), [], pathlib.Path.replace

    def fsync(handle):
        handed.add(os.fstat(handle).st_ino)

    def check_and_replace(path, target):
        inside = [path, *(path.rglob("*") if path.is_dir() else ())]
        assert {one.stat().st_ino for one in inside} <= handed
        named.append(pathlib.Path(target).parent)
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(pathlib.Path, "replace", check_and_replace)
    write(tmp_path)
    assert named
    assert {folder.stat().st_ino for folder in named} <= handed


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_system_that_hands_no_folder_to_a_disk(write, tmp_path, monkeypatch):
    reason = errno.EINVAL

    def fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "fsync", fsync)
    write(tmp_path / "good")
    reason = errno.EIO
    with pytest.raises(InputError, match=r"cannot be written \(Input/output error\)"):
        write(tmp_path / "bad")
