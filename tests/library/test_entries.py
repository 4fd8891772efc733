import os
import pathlib

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.library.entries import entries_of_manifest, entries_of_patterns


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("day1/walk.mp4", "day1/run.mp4", "day2/b/walk.mp4", "day2/walk.json"):
        pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(name).touch()
    return tmp_path


def names(entries):
    return [entry.name for entry in entries]


def test_patterns(folder):
    assert names(entries_of_patterns(["**/*.mp4"])) == ["day1/run", "day1/walk", "day2/b/walk"]
    assert names(entries_of_patterns([f"{folder}/day1/*.mp4"])) == ["run", "walk"]
    entries = entries_of_patterns(["day?/walk.*"])
    assert [(entry.path, entry.is_video) for entry in entries] == [
        ("day1/walk.mp4", True),
        ("day2/walk.json", False),
    ]


def test_a_manifest_of_paths_and_one_with_columns(folder):
    manifest = folder / "day1" / "list.txt"
    manifest.write_text("walk.mp4\n\n../day2/walk.json\n")
    assert names(entries_of_manifest(manifest)) == ["day1/walk", "day2/walk"]
    table = folder / "list.csv"
    table.write_text("path,name,resolution,height\nday1/walk.mp4,anna,,1.7\nday1/run.mp4,,4x3,\n")
    anna, run = entries_of_manifest(table)
    assert (anna.name, anna.height, anna.resolution) == ("anna", 1.7, None)
    assert (run.name, run.height, run.resolution) == ("run", None, (4, 3))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "\n", "a.txt: there are no files in it"),
        ("a.csv", "path,fps\n", "a.csv: there are no files in it"),
        ("a.csv", "file\nday1/walk.mp4\n", "a.csv: its header is file, not path and some of"),
        ("a.csv", "path,fps\nday1/walk.mp4,fast\n", "a.csv, line 2: could not convert"),
        ("a.txt", "day1/walk.mp4\nday1/gone.mp4\n", "a.txt, line 2: .*gone.mp4: file not found"),
        ("a.txt", "day1/walk.mp4\nday1/../day1/walk.mp4\n", "walk.mp4: the file is given twice"),
        ("a.csv", "path,name\nday1/walk.mp4,a\nday1/run.mp4,a\n", "both have the results a"),
        ("a.csv", "path,name\nday1/walk.mp4,../a\n", r"its results cannot be called \.\./a"),
        ("a.txt", "\0", "a.txt, line 1"),
        ("b.txt", None, "b.txt: cannot be read"),
    ],
)
def test_manifests_that_cannot_be(folder, name, text, said):
    if text is not None:
        (folder / name).write_text(text)
    with pytest.raises(InputError, match=said) as raised:
        entries_of_manifest(folder / name)
    assert "\n" not in str(raised.value)


def test_patterns_that_cannot_be(folder, monkeypatch):
    with pytest.raises(InputError, match=r"\*\.avi: no file matches"):
        entries_of_patterns(["*.avi"])
    with pytest.raises(InputError, match="walk.mp4: the file is given twice"):
        entries_of_patterns(["day1/*.mp4", "**/walk.mp4"])
    pathlib.Path("day2/b/walk.json").touch()
    with pytest.raises(InputError, match="would both have the results walk"):
        entries_of_patterns(["day2/b/walk.*"])

    scandir = os.scandir

    def closed(path):
        if pathlib.Path(path).name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(InputError, match=r"day2/b: cannot be read \(Permission denied\)"):
        entries_of_patterns(["**/*.mp4"])
