"""`python -m tests.fuzz --reader=NAME --count=100000`: mutated files for a reader, for hours."""

import argparse
import pathlib
import random
import sys
import tempfile

from tests.fuzz.loop import GOOD, Tally, fuzz
from tests.fuzz.mutations import mutated
from tests.fuzz.readers import ROOMS, reader_called, readers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", action="append", help="all of that beginning; default: all")
    parser.add_argument("--count", type=int, default=1000, help="files of every reader")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9, help="for every reader, at most")
    parser.add_argument("--patience", type=float, default=30, help="seconds for a file, at most")
    parser.add_argument("--memory_mib", type=int, default=1024, help="for a file, at most")
    parser.add_argument("--keep", type=pathlib.Path, help="write that one file here, read nothing")
    given = parser.parse_args()
    wanted = tuple(given.reader or ROOMS)
    rooms = tuple(room for room in ROOMS if any(name.startswith(room) for name in wanted))
    chosen = [name for name in readers(rooms) if name.startswith(wanted)]
    if given.keep:
        keep(chosen[0], given.seed, given.first, given.keep)
        return 0
    tallies = fuzz(
        chosen,
        given.count,
        given.seed,
        given.first,
        given.patience,
        given.memory_mib << 20,
        given.seconds,
        progress,
    )
    print("\n| reader | files | read | refused | failures |\n| --- | --- | --- | --- | --- |")
    for name, tally in tallies.items():
        counts = tally.counts
        row = (name, counts.total(), counts["read"], counts["refused"], len(tally.failures))
        print("| " + " | ".join(map(str, row)) + " |")
    return int(any(tally.failures for tally in tallies.values()))


def progress(reader: str, tally: Tally) -> None:
    last = tally.failures[-1] if tally.failures else ""
    bad = {name: n for name, n in tally.counts.items() if name not in GOOD}
    print(f"{reader}: {tally.counts.total()} files; {bad or 'all good'} {last}", flush=True)


def keep(name: str, seed: int, number: int, path: pathlib.Path) -> None:
    """Writes the file of that number, to look at."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        reader = reader_called(name)
        reader.write(folder)
        rng = random.Random(f"{seed}/{name}/{number}")
        chosen = folder / rng.choice(reader.files(folder))
        path.write_bytes(mutated(rng, chosen.read_bytes(), chosen.name))
    print(f"{path}: {chosen.name}")


if __name__ == "__main__":
    sys.exit(main())
