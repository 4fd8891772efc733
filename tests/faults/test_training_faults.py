"""What happens to a run's folder, and that training goes on from what is left of it: to the same
weights, bit for bit, or with one line that says why not.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.training import run, trainer
from anatomy_tf.training.checkpoints import Checkpoints
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.validation import NO_VALIDATION
from tests.faults.no_room import no_room
from tests.faults.tiny_run import train_tiny
from tests.long import long, long_but
from tests.training.interruption import interrupt_after

pytestmark = pytest.mark.usefixtures("eager")
LAST, BEFORE = "ckpt-6", "ckpt-4"


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole[0], tmp_path / "copy")


def truncate(folder: pathlib.Path) -> None:
    path = folder / f"{LAST}.data-00000-of-00001"
    path.write_bytes(path.read_bytes()[:1000])


def flip_a_bit(folder: pathlib.Path) -> None:
    path = folder / f"{LAST}.data-00000-of-00001"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def flip_a_bit_of_the_index(folder: pathlib.Path) -> None:
    path = folder / f"{LAST}.index"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def claim_all_memory(folder: pathlib.Path) -> None:
    """The end of an index says where its parts are, and how long."""
    path = folder / f"{LAST}.index"
    content = path.read_bytes()
    far = b"\xff" * 8 + b"\x0f"
    path.write_bytes(content[:-48] + (b"\0\0\0" + far).ljust(40, b"\0") + content[-8:])


def remove_the_index(folder: pathlib.Path) -> None:
    (folder / f"{LAST}.index").unlink()


def remove_the_numbers(folder: pathlib.Path) -> None:
    (folder / f"{LAST}.data-00000-of-00001").unlink()


@pytest.mark.parametrize(
    "damage",
    [
        *(truncate, remove_the_index, claim_all_memory, long(flip_a_bit_of_the_index)),
        *(long(flip_a_bit), long(remove_the_numbers)),
    ],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(damage, clips, whole, copy, capture):
    damage(copy / "checkpoints")
    assert train_tiny(clips, copy) == whole[1]
    assert f"{LAST}: damaged (" in capture()
    assert f"goes on from {BEFORE}" in capture()


@pytest.fixture
def capture(caplog, monkeypatch):
    monkeypatch.setattr("logging.Logger.propagate", True, raising=False)
    caplog.set_level("INFO", "anatomy_tf")
    return lambda: caplog.text


def test_without_a_whole_checkpoint_one_line_says_so(clips, copy):
    for path in (copy / "checkpoints").glob("*.index"):
        path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InputError, match=r"^\S+checkpoints/ckpt-6: damaged .* none is before it$"):
        train_tiny(clips, copy)


ROOM = {
    "flags.cfg": (0, "flags.cfg|run.json", True),
    "the index of a checkpoint": (3_000, r"checkpoints/ckpt-2: cannot be written \(", False),
    "a checkpoint": (20_000, r"checkpoints/ckpt-2: cannot be written \(", False),
    "a model": (60_000, r"best.keras: cannot be written \(File too large", True),
}


@pytest.mark.parametrize("room", long_but(("a checkpoint",), ROOM))
def test_a_full_disk_ends_a_run_that_goes_on_later(room, clips, whole, tmp_path):
    size, message, validated = ROOM[room]
    changes = {} if validated else {"validation": NO_VALIDATION}
    with pytest.raises(InputError, match=message) as caught, no_room(size):
        train_tiny(clips, tmp_path / "run", **changes)
    assert "\n" not in str(caught.value)
    left = [path.name for path in (tmp_path / "run").rglob("*")]
    assert not [name for name in left if name.startswith(".partial") or "temp" in name], left
    assert train_tiny(clips, tmp_path / "run", **changes) == whole[1]


@pytest.mark.parametrize("earlier", [(), (2,)])
def test_a_checkpoint_that_did_not_get_all_its_names_is_unfinished(earlier, tmp_path):
    variable = tf.Variable(1.0)
    checkpoints = Checkpoints(tmp_path, {"model": [variable]})
    for step in (*earlier, 4):
        checkpoints.save(step)
        variable.assign_add(tf.constant(1.0))
    (tmp_path / "checkpoints" / "ckpt-4_moving").mkdir()
    (tmp_path / "checkpoints" / "ckpt-4.data-00000-of-00001").unlink()
    assert checkpoints.restore() == bool(earlier)
    assert variable == (1 if earlier else 2)
    left = {path.name.split(".")[0] for path in (tmp_path / "checkpoints").iterdir()}
    assert left == {f"ckpt-{step}" for step in earlier}


def test_a_step_that_cannot_be_saved_again_keeps_what_was_saved(tmp_path):
    variable = tf.Variable(1.0)
    checkpoints = Checkpoints(tmp_path, {"model": [variable]})
    checkpoints.save(4)
    variable.assign(tf.constant(5.0))
    with pytest.raises(InputError, match="ckpt-4: cannot be written"), no_room(10):
        checkpoints.save(4)
    assert checkpoints.restore()
    assert variable == 1


def test_a_checkpoint_of_tensorflows_manager_is_read(tmp_path):
    """As earlier versions saved them."""
    variable = tf.Variable(3.0)
    saved = tf.train.Checkpoint(model=[variable])
    tf.train.CheckpointManager(saved, str(tmp_path / "checkpoints"), 2).save(5)
    other = tf.Variable(0.0)
    assert Checkpoints(tmp_path, {"model": [other]}).restore()
    assert other == 3


@pytest.mark.long
def test_a_full_disk_at_the_last_file(clips, whole, tmp_path, monkeypatch):
    write = run.write_report

    def write_without_room(*given):
        with no_room(100):
            write(*given)

    with monkeypatch.context() as patch:
        patch.setattr(run, "write_report", write_without_room)
        with pytest.raises(InputError, match=r"metrics.json: cannot be written \(File too large\)"):
            train_tiny(clips, tmp_path)
    assert not (tmp_path / "metrics.json").exists()
    assert train_tiny(clips, tmp_path) == whole[1]
    assert (tmp_path / "metrics.json").is_file()


def test_a_folder_that_cannot_be_written_is_named(clips, copy):
    copy.chmod(0o555)
    for folder in copy.parents:
        if folder.owner() == copy.owner() and "pytest" in str(folder):
            folder.chmod(folder.stat().st_mode | 0o055)
    user = os.geteuid()
    if not user:  # may write everywhere
        os.seteuid(65534)
    try:
        with pytest.raises(InputError, match=r"copy\S*: cannot be written \("):
            train_tiny(clips, copy)
    finally:
        os.seteuid(user)
        copy.chmod(0o755)


@pytest.mark.long
def test_a_clock_that_goes_back_changes_nothing(clips, whole, tmp_path, monkeypatch):
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real - 3600 * (time.monotonic() % 100))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        interrupt_after(patch, 3)
        train_tiny(clips, tmp_path)
    for path in tmp_path.rglob("*"):
        os.utime(path, (real + 86400, real + 86400))
    assert train_tiny(clips, tmp_path) == whole[1]


HOLDER = """
import pathlib, sys, time
from anatomy_tf.training.run_lock import run_lock
with run_lock(pathlib.Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


def test_two_runs_do_not_share_a_folder(clips, whole, copy):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(copy)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "locked\n"
        message = f"copy: another process trains there, number {holder.pid}$"
        with pytest.raises(InputError, match=message):
            train_tiny(clips, copy)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    assert train_tiny(clips, copy) == whole[1]
    assert not (copy / "run.lock").exists()


def test_data_that_have_changed_are_no_way_on(clips, copy):
    train_clips, test_clips = clips
    with pytest.raises(InputError, match=r"run.json: the run began with other data"):
        train_tiny((train_clips[1:], test_clips), copy)


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        long("direction", "^direction is not finite at step 5: the last checkpoint is of"),
        ("gradient_norm", "^gradient_norm is not finite at step 5: "),
        ("loss", r"^the loss explodes at step 5: 1e\+09, of which \w+ is "),
    ],
)
def test_a_loss_that_leaves_the_road_keeps_the_checkpoint(
    spoilt, message, clips, whole, tmp_path, monkeypatch
):
    step = trainer.AnatomyTrainer.train_step

    def spoil(self, data):
        terms = step(self, data)
        bad = 1e9 if spoilt == "loss" else float("nan")
        return terms | {spoilt: tf.constant(bad)} if int(self.optimizer.iterations) == 5 else terms

    with monkeypatch.context() as patch:
        patch.setattr(trainer.AnatomyTrainer, "train_step", spoil)
        with pytest.raises(InputError, match=message):
            train_tiny(clips, tmp_path)
    left = {path.name for path in (tmp_path / "checkpoints").glob("*.index")}
    assert left == {"ckpt-4.index", "ckpt-2.index"}
    assert not (tmp_path / "model.keras").exists()
    if spoilt == "gradient_norm":
        assert train_tiny(clips, tmp_path) == whole[1]


def test_a_learning_rate_far_too_high_is_noticed(clips, tmp_path):
    schedule = Schedule(epochs=40, learning_rate=1e4, statistics_batches=1)
    with pytest.raises(InputError, match="at step"):
        train_tiny(clips, tmp_path, schedule=schedule)
