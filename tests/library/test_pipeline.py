"""The pipeline on Beam's local runner, in this process; tests/tools/test_lift_many.py starts
several.
"""

import dataclasses
import errno
import pathlib

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.library.entries import entries_of_patterns
from anatomy_tf.library.lifting import lift_batch, read_entry
from anatomy_tf.library.pipeline import run_library
from anatomy_tf.library.results import read_lists
from anatomy_tf.poses.result import read_poses
from anatomy_tf.world.placing import WorldSettings


@pytest.fixture
def entries(library):
    return entries_of_patterns([f"{library}/*"])


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_library_with_a_bad_file_and_again(entries, library, settings, tmp_path):
    (library / "bad.json").write_text("[]")
    entries = entries_of_patterns([f"{library}/*"])
    folder = tmp_path / "lifted"
    run_library(entries, folder, settings)
    lifted, failed = read_lists(folder)
    names = [f"clip000{number}" for number in range(4)]
    assert [row["name"] for row in lifted] == names
    assert [row["outputs"] for row in lifted] == [f"{name}.npz" for name in names]
    assert [(row["name"], "nobody in any frame" in row["reason"]) for row in failed] == [
        ("bad", True)
    ]
    records = [f".records/{name}.json" for name in names]
    lists = ["failed.csv", "index.csv"]
    assert files(folder) == sorted([*records, *(f"{name}.npz" for name in names), *lists])

    # Each is what it is alone.
    entry = entries[2]
    (alone,) = lift_batch(settings.lifter(), [(entry, read_entry(entry, settings))], settings)
    poses = read_poses(folder / f"{entry.name}.npz")
    np.testing.assert_allclose(poses.joints, alone.joints, atol=1e-5)

    # Again, what is missing, what has changed, and what failed is lifted.
    written = {path: (folder / path).stat().st_mtime_ns for path in files(folder)}
    (folder / "clip0001.npz").unlink()
    (library / "clip0003.npz").touch()
    (library / "bad.json").unlink()
    run_library(entries_of_patterns([f"{library}/*"]), folder, settings)
    assert read_lists(folder)[1] == []
    again = {path for path, time in written.items() if (folder / path).stat().st_mtime_ns > time}
    expected = {f"clip000{number}.npz" for number in (1, 3)}
    assert again == expected | {f".records/clip000{number}.json" for number in (1, 3)} | {*lists}


@pytest.mark.long
def test_other_settings_lift_again(entries, settings, tmp_path):
    folder, times = tmp_path / "lifted", []
    for some in (settings, dataclasses.replace(settings, height=1.8)):
        run_library(entries[:1], folder, some)
        times.append((folder / "clip0000.npz").stat().st_mtime_ns)
    assert times[1] > times[0]
    assert read_poses(folder / "clip0000.npz").made_by["height"] == 1.8


@pytest.mark.long
@pytest.mark.parametrize("of", ["a result", "a record"])
def test_a_full_disk_stops_the_run(entries, settings, tmp_path, monkeypatch, of):
    def full(*arguments, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    if of == "a result":
        monkeypatch.setattr(np, "savez_compressed", full)
    else:
        monkeypatch.setattr(pathlib.Path, "write_text", full)
    said = r"^stopped: .*cannot be written \(No space left"
    with pytest.raises(InputError, match=said) as raised:
        run_library(entries, tmp_path / "lifted", settings)
    assert "\n" not in str(raised.value)
    left = files(tmp_path / "lifted")
    assert left == ([] if of == "a result" else left[:1])
    assert not [name for name in left if "partial" in name or "csv" in name]


@pytest.mark.long
def test_heights_of_their_own_and_what_fails_in_a_batch(entries, settings):
    lifter = settings.lifter()
    tall = dataclasses.replace(entries[1], height=1.9)
    nobody = dataclasses.replace(settings, person="99")
    batch = [(entry, read_entry(entry, settings)) for entry in (entries[0], tall)]
    poses = lift_batch(lifter, batch, settings)
    assert poses[1].made_by.get("height") == 1.9 and "height" not in poses[0].made_by
    assert all(isinstance(error, InputError) for error in lift_batch(lifter, batch, nobody))


def test_a_field_of_view_and_the_world_are_those_of_every_file(entries, settings):
    lifter = settings.lifter()
    world = WorldSettings(level=False, plant=False)
    settings = dataclasses.replace(settings, fov=90, world=world)
    first, second = (read_entry(entry, settings) for entry in entries[:2])
    wider = dataclasses.replace(second, resolution=(1280, 1000))
    batch = [(entries[0], first), (entries[1], wider)]
    lifted = lift_batch(lifter, batch, settings)
    for poses, (_, detections) in zip(lifted, batch, strict=True):
        focal = max(detections.resolution) / 2
        (alone,) = lifter.lift_many([detections], focal=focal, world=world)
        assert poses.made_by["focal"] == pytest.approx(focal)
        np.testing.assert_allclose(poses.joints, alone.joints, atol=1e-5)
        np.testing.assert_allclose(poses.world.joints, alone.world.joints, atol=1e-4)


def test_what_is_refused_before_the_work(entries, settings, tmp_path):
    for some, options, said in (
        (settings, ["--no_such=1"], "Beam has no option --no_such"),
        (dataclasses.replace(settings, outputs=("fbx",)), [], "poses are kept in files"),
        (dataclasses.replace(settings, outputs=("steps.csv",)), [], "steps.csv: not without"),
        (dataclasses.replace(settings, model="gone"), [], "gone: file not found"),
    ):
        with pytest.raises(InputError, match=said):
            run_library(entries, tmp_path / "lifted", some, options)
    assert not (tmp_path / "lifted").exists()
