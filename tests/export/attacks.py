"""What an exported model is given that is no detection, and what it makes of it.

`python -m tests.export.attacks` prints what every kind of export does, also with a million frames;
`--model=person` that of models which read focal lengths, `--model=int8` that of int8 in TFLite.
"""

import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from tests.conftest import random_clip
from tests.export.opened_exports import KINDS, Arrays, Export, exported
from tests.fuzz.guard import forget_peak, peak_memory

CLIPS, FRAMES, VICTIM = 3, 20, 1
WIDTH, HEIGHT = 1000, 800
INFINITY, LARGEST = np.float32(np.inf), np.finfo(np.float32).max


def good_clips(export: Export, frames: int = FRAMES, clips: int = CLIPS) -> Arrays:
    """What `lift` takes: clips that are fine."""
    focal = {"focal": np.full(clips, WIDTH, np.float32)} if export.focal else {}
    clip = random_clip(frames, batch=clips)
    keypoints = (clip["keypoints"] + np.float32([1, HEIGHT / WIDTH])) * np.float32(WIDTH / 2)
    return {
        "keypoints": keypoints,
        "visibility": clip["visibility"],
        "image_size": np.full((clips, 2), (WIDTH, HEIGHT), np.float32),
        "frames": np.full(clips, frames, np.int32),
        **focal,
    }


@dataclasses.dataclass(frozen=True)
class Attack:
    """What is changed, of one clip of three."""

    name: str
    changes: dict[str, float | tuple[float, float]]
    unseen: bool = True
    """The clip then is as one in which nothing was seen; else anything finite."""

    def of(self, good: Arrays) -> Arrays:
        changed = {name: value.copy() for name, value in good.items()}
        for name, value in self.changes.items():
            changed[name][VICTIM] = value
        return changed


VALUES = [
    *(
        Attack(f"keypoints {value}", {"keypoints": value})
        for value in (np.nan, INFINITY, -INFINITY, 1e30, LARGEST, -LARGEST)
    ),
    Attack("keypoints 1e-45", {"keypoints": 1e-45}, unseen=False),
    *(Attack(f"visibility {value}", {"visibility": value}) for value in (np.nan, -INFINITY, -1, 0)),
    *(
        Attack(f"visibility {value}", {"visibility": value}, unseen=False)
        for value in (INFINITY, LARGEST, 1e-45)
    ),
    *(
        Attack(f"image size {value}", {"image_size": value})
        for value in (np.nan, INFINITY, 0, -5, (0, HEIGHT), (WIDTH, np.nan))
    ),
    *(
        Attack(f"image size {value}", {"image_size": value}, unseen=False)
        for value in (1e-30, 1e30, LARGEST, (1, LARGEST))
    ),
    *(
        Attack(f"frames {value}", {"frames": value}, unseen=False)
        for value in (0, 1, -7, 2**31 - 1, -(2**31))
    ),
]


FOCALS = [
    Attack(f"focal length {value}", {"focal": value}, unseen=False)
    for value in (np.nan, INFINITY, -INFINITY, 0, -5, 1e-30, 1e30, LARGEST)
]


def attacks_on(export: Export) -> list[Attack]:
    return VALUES + FOCALS * export.focal


def _shaped(name: str, *index) -> Callable[[Arrays], Arrays]:
    return lambda good: {name: np.ascontiguousarray(good[name][index])}


SHAPES: dict[str, Callable[[Arrays], Arrays]] = {
    "keypoints of rank 3": _shaped("keypoints", 0),
    "keypoints of rank 5": _shaped("keypoints", None),
    "16 joints": _shaped("keypoints", ..., slice(16), slice(None)),
    "no joints": _shaped("keypoints", ..., slice(0), slice(None)),
    "one coordinate": _shaped("keypoints", ..., slice(1)),
    "no frames": lambda good: {
        name: np.ascontiguousarray(good[name][:, :0]) for name in ("keypoints", "visibility")
    },
    "visibility of other frames": _shaped("visibility", slice(None), slice(7)),
    "visibility of 16 joints": _shaped("visibility", ..., slice(16)),
    "visibility of rank 2": _shaped("visibility", 0),
    "visibility of another batch": _shaped("visibility", slice(2)),
    "image size of three": lambda good: {"image_size": np.ones((CLIPS, 3), np.float32)},
    "image size of another batch": _shaped("image_size", slice(2)),
    "frames of another batch": _shaped("frames", slice(2)),
    "frames of rank 2": _shaped("frames", None),
    "keypoints in float64": lambda good: {"keypoints": good["keypoints"].astype(np.float64)},
    "keypoints in int32": lambda good: {"keypoints": good["keypoints"].astype(np.int32)},
    "frames in float32": lambda good: {"frames": good["frames"].astype(np.float32)},
}


def outcome_of_values(export: Export, attack: Attack) -> str:
    """What the attack on one clip of three does to it and its neighbours."""
    good = good_clips(export)
    expected = export.lift(good)
    found = export.lift(attack.of(good))
    if not all(np.isfinite(value).all() for value in found.values()):
        return "NOT FINITE"
    others = np.arange(CLIPS) != VICTIM
    for name, value in found.items():
        if not np.allclose(value[others], expected[name][others], atol=1e-5):
            return "NEIGHBOURS CHANGED"
    unseen = export.lift(Attack("", {"visibility": 0}).of(good))
    if all(np.allclose(found[n][VICTIM], unseen[n][VICTIM], atol=1e-5) for n in found):
        return "as unseen"
    return "zeros" if not found["joints"][VICTIM].any() else "finite joints"


def outcome_of_shape(export: Export, name: str) -> str:
    """What inputs of another shape or type do; and whether the export goes on afterwards."""
    good = good_clips(export)
    expected = export.lift(good)["joints"]
    try:
        found = export.lift(good | SHAPES[name](good))
        said = f"GAVE {found['joints'].shape}"
    except Exception as error:
        said = f"refused ({type(error).__name__})"
    again = export.lift(good)["joints"]
    return said if np.array_equal(again, expected) else f"{said}, BROKEN AFTERWARDS"


STATES: dict[str, Callable[[Arrays], Arrays]] = {
    "of another model": lambda state: {"state_model": state["state_model"] + 1},
    "of no model": lambda state: {"state_model": state["state_model"] * 0},
    **{
        f"all {value}": lambda state, value=value: {
            name: np.full_like(x, value) for name, x in state.items() if x.dtype == np.float32
        }
        for value in (np.nan, INFINITY, -INFINITY, 1e30, LARGEST, -LARGEST)
    },
    "one NaN": lambda state: _one_nan(state),
    "frames -1": lambda state: {"state_frames": np.full_like(state["state_frames"], -1)},
    "frames 2**31 - 1": lambda state: {
        "state_frames": np.full_like(state["state_frames"], 2**31 - 1)
    },
}


def _one_nan(state: Arrays) -> Arrays:
    name = max(state, key=lambda name: state[name].size)
    changed = state[name].copy()
    changed[0, ..., 0] = np.nan
    return {name: changed}


def outcome_of_state(export: Export, name: str) -> str:
    """Whether a stream with such a state begins anew, as one with zeros does."""
    good = good_clips(export, clips=1)
    frame = {key: good[key][:, :1] for key in ("keypoints", "visibility")}
    frame |= {key: good[key] for key in ("image_size", "focal") if key in good}
    after = export.step(frame | export.state)
    state = {key: after[key] for key in export.state}
    found = export.step(frame | state | STATES[name](state))
    if not all(np.isfinite(found[key]).all() for key in ("joints", "directions", "lengths")):
        return "NOT FINITE"
    same = np.allclose(found["joints"], after["joints"], atol=1e-5)
    return "begins anew" if same else "goes on"


def million_frames(export: Export) -> str:
    """A clip of a million frames, with one in which nothing is."""
    good = good_clips(export, frames=1_000_000, clips=1)
    good["keypoints"][:, 500_000] = np.nan
    before, start = forget_peak(), time.monotonic()
    try:
        found = export.lift(good)
    except Exception as error:
        return f"refused ({type(error).__name__}: {error!s:.100})"
    seconds, memory = time.monotonic() - start, peak_memory() - before
    finite = all(np.isfinite(value).all() for value in found.values())
    lifted = f"{found['joints'].shape[1]:,} frames in {seconds:.0f} s, {memory / 2**30:.1f} GiB"
    return lifted if finite else f"NOT FINITE, {lifted}"


def all_outcomes(kind: str, model: str, million: bool) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        export = exported(kind, pathlib.Path(folder), model)
        outcomes = {attack.name: outcome_of_values(export, attack) for attack in attacks_on(export)}
        outcomes |= {name: outcome_of_shape(export, name) for name in SHAPES}
        outcomes |= {f"state {name}": outcome_of_state(export, name) for name in STATES}
        if million:
            outcomes["a million frames"] = million_frames(export)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, help="print its outcomes as JSON")
    parser.add_argument("--model", choices=("screen", "person", "int8"), default="screen")
    parser.add_argument("--million", action="store_true", help="also a million frames")
    given = parser.parse_args()
    if given.kind:
        print(json.dumps(all_outcomes(given.kind, given.model, given.million)))
        return 0
    columns: dict[str, dict[str, str]] = {}
    flags = [f"--model={given.model}", *["--million"] * given.million]
    kinds = ["TFLite"] if given.model == "int8" else KINDS
    for kind in kinds:
        command = [sys.executable, "-m", "tests.export.attacks", f"--kind={kind}", *flags]
        done = subprocess.run(command, capture_output=True)
        if done.returncode:
            print(done.stderr.decode()[-2000:], file=sys.stderr)
            columns[kind] = {}
            continue
        columns[kind] = json.loads(done.stdout.splitlines()[-1])
    print(f"| input | {' | '.join(kinds)} |\n| --- |{' --- |' * len(kinds)}")
    for name in max(columns.values(), key=len):
        print(f"| {name} | {' | '.join(columns[k].get(name, 'CRASHED') for k in kinds)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
