"""Mutated files for every reader, some hundred in a minute; `python -m tests.fuzz` goes on for
hours.
"""

import random
import zipfile

from tests.fuzz.loop import fuzz
from tests.fuzz.mutations import mutated
from tests.fuzz.of_mistakes import MISTAKES
from tests.fuzz.readers import readers

COUNT, SECONDS = 30, 0.3


def test_every_reader_reads_or_refuses():
    """In one line, within time and memory, with nothing run, and nothing written elsewhere."""
    tallies = fuzz(list(readers()), COUNT, seconds=SECONDS, patience=60)
    failures = {name: tally.failures for name, tally in tallies.items() if tally.failures}
    assert failures == {}
    assert all(tally.counts.total() for tally in tallies.values())


def test_a_seed_and_a_number_give_the_same_file():
    data = b'{"frames": [1, 2.5, -3], "name": "walk"}'
    files = [mutated(random.Random(f"{seed}"), data, "a.json") for seed in (*range(50), *range(50))]
    assert files[:50] == files[50:]
    assert len({*files, data}) > 30


def test_what_no_reader_may_do_is_noticed():
    found = fuzz([f"mistakes/{name}" for name in MISTAKES], 1, patience=12, memory=50 << 20)
    outcomes = {name.split("/")[1]: list(tally.counts) for name, tally in found.items()}
    assert outcomes == {name: [name] for name in MISTAKES}


def test_a_member_can_claim_anything(tmp_path):
    """Mutations of archives make those that are hard to come by."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", b"[1, 2, 3]")
    data, names, claims = path.read_bytes(), set(), set()
    for seed in range(600):
        path.write_bytes(mutated(random.Random(seed), data, "a.zip"))
        try:
            with zipfile.ZipFile(path) as archive:
                names |= {info.filename for info in archive.infolist()}
                claims |= {info.file_size for info in archive.infolist()}
        except Exception:  # not an archive any more
            continue
    assert any(".." in name for name in names)
    assert max(claims) > 1 << 26
