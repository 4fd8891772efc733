"""Everything that is written is whole or absent, and one line says so: on a disk that fills up at
the first byte, in the middle, and at the last.
"""

import pathlib

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.files import new_folder, replacing
from tests.faults.no_room import no_room
from tests.faults.writers import EXPORTS, WRITERS, Examples
from tests.long import long_but


@pytest.fixture(scope="module")
def examples():
    return Examples()


@pytest.mark.parametrize("name", long_but(WRITERS.keys() - {"x.mp4", "x.gif"}, WRITERS))
def test_what_is_written_is_whole_or_absent(name, examples, tmp_path):
    target = tmp_path / name
    WRITERS[name](examples, target)
    size = max(path.stat().st_size for path in (target, *target.rglob("*")) if path.is_file())
    for limit in (0, size // 2, size - 1):
        check_absent(WRITERS[name], limit, examples, tmp_path / f"limit{limit}" / name)


@pytest.mark.long
@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_whole_or_absent(name, examples, tmp_path):
    """Once, in the middle of its largest file, as exports take long."""
    check_absent(EXPORTS[name], 10_000, examples, tmp_path / "limit" / name)


def check_absent(write, limit: int, examples: Examples, target: pathlib.Path) -> None:
    with pytest.raises(InputError, match="cannot be written") as caught, no_room(limit):
        write(examples, target)
    assert "\n" not in str(caught.value)
    assert str(target) in str(caught.value)
    assert [path for path in target.parent.rglob("*") if path.is_file()] == []


def test_an_older_file_or_folder_stays_as_it_was(tmp_path):
    path, folder = tmp_path / "file", tmp_path / "folder"
    path.write_bytes(b"older")
    folder.mkdir()
    (folder / "file").write_bytes(b"older")
    with pytest.raises(InputError), no_room(3), replacing(path) as temporary:
        temporary.write_bytes(b"newer")
    with pytest.raises(InputError), no_room(3), new_folder(folder, replace=True) as temporary:
        (temporary / "file").write_bytes(b"newer")
    assert path.read_bytes() == (folder / "file").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
