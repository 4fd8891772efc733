import gzip
import importlib.util
import pathlib
import tarfile
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.data.files import apart
from anatomy_tf.data.sets.human36m import archives
from anatomy_tf.data.sets.human36m.archives import takes_of_archives
from anatomy_tf.errors import InputError
from tests.damage import changed, fuzz, reads_or_refuses
from tests.data.sets.human36m.files import FLOAT, cdf_bytes, write_archive, write_tgz


@pytest.fixture(scope="module")
def cdf(tmp_path_factory, motion):
    return cdf_bytes(tmp_path_factory.mktemp("cdf"), motion)


def read(folder):
    return [take for takes in takes_of_archives(folder).values() for take in takes]


def test_takes_are_read_by_the_names_that_papers_use(tmp_path, motion, cdf):
    names = ["Directions 1", "Directions", "TakingPhoto 1", "WalkingDog", "WalkTogether", "_ALL 1"]
    write_archive(tmp_path, "S1", dict.fromkeys(names, cdf))
    write_archive(tmp_path, "S11", dict.fromkeys(names[:2], cdf))
    takes = read(tmp_path)
    assert [(take.subject, take.name, take.action) for take in takes] == [
        ("S1", "Directions", "Directions"),
        ("S1", "Directions 1", "Directions"),
        ("S1", "Photo 1", "Photo"),
        ("S1", "WalkDog", "WalkDog"),
        ("S1", "WalkTogether", "WalkTogether"),
        ("S11", "Directions 1", "Directions"),
    ]
    for take in takes:
        assert take.joints.dtype == np.float32
        np.testing.assert_allclose(take.joints, motion, atol=1e-6)


def test_a_take_that_comes_twice_is_read_once(tmp_path, cdf, monkeypatch):
    """The later one: damaged files take time, and nobody asks for the first."""
    unpacked, read_apart = [], archives.read_apart

    def counting(folder, source):
        unpacked.extend(folder.iterdir())
        read_apart(folder, source)

    monkeypatch.setattr(archives, "read_apart", counting)
    write_archive(tmp_path, "S9", {"TakingPhoto": b"no CDF", "Photo": cdf})
    assert [take.name for take in read(tmp_path)] == ["Photo"]
    assert len(unpacked) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"kind": FLOAT},
        {"Majority": "row_major"},
        {"Compressed": 6},
        {"Encoding": 1},  # big-endian
        {"Checksum": True},
    ],
    ids=str,
)
def test_whatever_form_of_cdf(options, tmp_path, motion):
    write_archive(tmp_path, "S9", {"Eating": cdf_bytes(tmp_path, motion, **options)})
    (take,) = read(tmp_path)
    np.testing.assert_allclose(take.joints, motion, atol=1e-6)


def test_one_frame(tmp_path, motion):
    write_archive(tmp_path, "S9", {"Eating": cdf_bytes(tmp_path, motion[:1])})
    (take,) = read(tmp_path)
    np.testing.assert_allclose(take.joints, motion[:1], atol=1e-6)


INSIDE = "S1/MyPoseFeatures/D3_Positions"
NAMES = {
    "absolute": ([f"/{INSIDE}/Eating.cdf"], "'/S1/.*' leads out of the archive"),
    "upwards": ([f"{INSIDE}/../../../Eating.cdf"], "leads out of the archive"),
    "another subject": (["S5/MyPoseFeatures/D3_Positions/Eating.cdf"], "holds no S1/MyPose"),
    "other features": (["S1/MyPoseFeatures/D2_Positions/Eating.cdf"], "holds no S1/MyPose"),
    "empty": ([], "holds no S1/MyPoseFeatures"),
    "no action": ([f"{INSIDE}/Juggling 1.cdf"], "S1: 'Juggling 1' is no take of Human3.6M"),
    "no number": ([f"{INSIDE}/Eating one.cdf"], "S1: 'Eating one' is no take of Human3.6M"),
    "line": ([f"{INSIDE}/Eating\n.cdf"], "no take of Human3.6M"),
}


def assert_refused(folder, message):
    before = set(pathlib.Path(folder).parent.rglob("*"))
    with pytest.raises(InputError, match=message) as error:
        read(folder)
    assert "\n" not in str(error.value)
    assert set(pathlib.Path(folder).parent.rglob("*")) == before


@pytest.mark.parametrize("case", NAMES)
def test_paths_in_an_archive(case, tmp_path, cdf):
    names, message = NAMES[case]
    write_tgz(tmp_path / "Poses_D3_Positions_S1.tgz", dict.fromkeys(names, cdf))
    assert_refused(tmp_path, f"Poses_D3_Positions_S1.tgz: .*{message}")


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret")
    with tarfile.open(tmp_path / "Poses_D3_Positions_S1.tgz", "w:gz") as tar:
        link = tarfile.TarInfo(f"{INSIDE}/Eating.cdf")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        tar.addfile(link)
    assert_refused(tmp_path, "holds no S1/MyPoseFeatures")


def test_poses_of_another_form(tmp_path, motion):
    bad = motion.copy()
    bad[3, 0, 0] = np.nan
    forms = {
        "not finite in frame 3": cdf_bytes(tmp_path, bad),
        r"shape \(80, 48\), expected \(any, 96\)": cdf_bytes(tmp_path, motion, shape=(80, 48)),
        "not in metres": cdf_bytes(tmp_path, motion * 1000),
        "damaged, or without what it should hold": cdf_bytes(tmp_path, motion).replace(
            b"Pose", b"Nose"
        ),
        "is not a CDF file": b"hello" * 100,
    }
    (tmp_path / "written.cdf").unlink()
    for message, data in forms.items():
        write_archive(tmp_path, "S1", {"Eating": data})
        assert_refused(tmp_path, f"S1.tgz: S1/Eating: .*{message}")


def test_archives_that_are_none(tmp_path, cdf):
    assert_refused(tmp_path, "there is no archive such as Poses_D3_Positions_S1.tgz")
    path = write_archive(tmp_path, "S1", {"Eating": cdf})
    whole = path.read_bytes()
    for data in (b"", b"hello", whole[: len(whole) // 2], whole[:-4], whole[:200]):
        path.write_bytes(data)
        assert_refused(tmp_path, "S1.tgz: (truncated, damaged|holds no)")


def test_an_archive_that_unpacks_without_end(tmp_path, monkeypatch):
    write_tgz(tmp_path / "Poses_D3_Positions_S1.tgz", {"zeros": bytes(80 << 20)})
    assert_refused(tmp_path, "S1.tgz: holds more than the poses of any subject")
    monkeypatch.setattr(archives, "MAX_FILES", 3)
    write_tgz(tmp_path / "Poses_D3_Positions_S1.tgz", dict.fromkeys("abcd", b""))
    assert_refused(tmp_path, "S1.tgz: holds more files than any subject has")


def test_cdflib_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert_refused(tmp_path, r"pip install -e '\.\[human36m\]'")


@fuzz(max_examples=100)
@given(data=st.data())
def test_an_archive_with_changed_bytes_is_unpacked_or_refused(data, tmp_path):
    names = [f"{INSIDE}/{name}.cdf" for name in ("Eating", "Eating 1")]
    path = write_tgz(tmp_path / "whole.tgz", dict.fromkeys(names, b"pose" * 100))
    packed, unpacked = path.read_bytes(), gzip.decompress(path.read_bytes())
    if data.draw(st.booleans()):
        path.write_bytes(gzip.compress(changed(data, unpacked[:2600]), 1))
    else:
        path.write_bytes(changed(data, packed))
    with reads_or_refuses():
        assert set(archives._unpack("S1", path, tmp_path)) <= {"Eating", "Eating 1"}


def _count_of_variables(cdf: bytes) -> int:
    """Where a CDF file of version 3 says how many z-variables it has."""
    record = int.from_bytes(cdf[20:28], "big")
    return record + 8 + 4 + 4 * 8 + 4 * 4


def test_a_count_that_would_keep_cdflib_reading(tmp_path, cdf, monkeypatch):
    """Two thousand million variables, each the next of itself: this is why it is read elsewhere."""
    at = _count_of_variables(cdf)
    assert cdf[at : at + 4] == bytes([0, 0, 0, 1])
    program = apart.READER.read_text()
    impatient = tmp_path / "read_apart.py"
    impatient.write_text(program.replace("MAX_SECONDS = 20", "MAX_SECONDS = 1"))
    monkeypatch.setattr(apart, "READER", impatient)
    damaged = cdf[:at] + b"\x7f\xff\xff\xff" + cdf[at + 4 :].replace(b"Pose", b"Nose")
    write_archive(tmp_path, "S1", {"Eating": damaged})
    start = time.monotonic()
    assert_refused(
        tmp_path, "S1/Eating: damaged, or without what it should hold .not read within 1 s"
    )
    assert time.monotonic() - start < 10


def test_after_a_file_that_takes_too_long_the_next_ones_are_read(tmp_path, cdf, monkeypatch):
    """Without limits of the system, as on Windows, too."""
    at = _count_of_variables(cdf)
    program = apart.READER.read_text()
    program = program.replace("MAX_SECONDS = 20", "MAX_SECONDS = 1")
    program = program.replace('hasattr(signal, "setitimer")', "False")
    impatient = tmp_path / "read_apart.py"
    impatient.write_text(program.replace("import resource", "raise ImportError"))
    monkeypatch.setattr(apart, "READER", impatient)
    damaged = cdf[:at] + b"\x7f\xff\xff\xff" + cdf[at + 4 :].replace(b"Pose", b"Nose")
    for number, content in enumerate([cdf, damaged, cdf, damaged, cdf]):
        (tmp_path / f"{number}.cdf").write_bytes(content)
    apart.read_apart(tmp_path, tmp_path / "archive")
    for number in (0, 2, 4):
        assert archives._joints(tmp_path / f"{number}.cdf", "S1/Eating").shape[1:] == (17, 3)
    for number in (1, 3):
        with pytest.raises(InputError, match="S1/Eating: damaged, .* .not read within 1 sec"):
            archives._joints(tmp_path / f"{number}.cdf", "S1/Eating")


def test_a_library_that_lets_no_other_thread_run(tmp_path, monkeypatch):
    """As ezc3d, here a search that would take a day."""
    program = apart.READER.read_text().replace("MAX_SECONDS = 20", "MAX_SECONDS = 1")
    search = "import re\n    re.match('(a+)+$', 40 * 'a' + 'b')"
    impatient = tmp_path / "read_apart.py"
    impatient.write_text(program.replace("import ezc3d", search))
    monkeypatch.setattr(apart, "READER", impatient)
    (tmp_path / "0.c3d").touch()
    apart.read_apart(tmp_path, tmp_path / "folder")
    with pytest.raises(InputError, match="walk: damaged, .* .not read within 1 sec"):
        apart.arrays_of(tmp_path / "0.c3d", "walk")


def test_a_reader_that_fails_without_a_word_is_not_started_for_ever(tmp_path, monkeypatch):
    broken = tmp_path / "read_apart.py"
    broken.write_text("raise SystemExit(1)")
    monkeypatch.setattr(apart, "READER", broken)
    with pytest.raises(InputError, match=r"archive: reading its files failed: CalledProcess"):
        apart.read_apart(tmp_path, tmp_path / "archive")


def test_files_with_changed_bytes_are_read_or_refused(tmp_path, cdf):
    """Many in one archive, as each is read on its own; the program for it starts once."""
    rng = np.random.default_rng(0)
    for number in range(60):
        damaged = bytearray(cdf)
        for _ in range(rng.integers(1, 5)):
            # Most of the structure is at the start; the rest is numbers.
            damaged[rng.integers(0, min(len(damaged), 1500))] = rng.integers(256)
        if number % 3 == 0:
            del damaged[rng.integers(1, len(damaged) - 1) :]
        (tmp_path / f"{number}.cdf").write_bytes(damaged)
    apart.read_apart(tmp_path, tmp_path / "archive")
    outcomes = []
    for number in range(60):
        try:
            outcomes.append(archives._joints(tmp_path / f"{number}.cdf", "S1/Eating").shape[1:])
        except InputError as error:
            assert "\n" not in str(error)
            outcomes.append("refused")
    assert set(outcomes) == {(17, 3), "refused"}
