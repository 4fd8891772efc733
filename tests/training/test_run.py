import json
import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.training import loop
from anatomy_tf.training.losses import LOSS_WEIGHTS
from anatomy_tf.training.progress import Progress
from anatomy_tf.training.run import run_training
from anatomy_tf.training.schedules import Schedule
from tests.conftest import write_mocap_folder


@pytest.fixture(scope="module")
def clips(tmp_path_factory, cmu):
    source = open_mocap_folder(write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu))
    return source.clips(["A01"]), source.clips(["A10"])


@pytest.fixture(scope="module")
def run(clips):
    def run(output_dir, resume=False, flags="--channels=8\n", channels=8):
        return run_training(
            *clips,
            data="cmu",
            model={"filter_widths": (3, 3), "channels": channels, "sub_networks": 1},
            sampling=Sampling(sampled_frames=4, batch_size=16, steps_per_epoch=3),
            schedule=Schedule(epochs=3, statistics_batches=2),
            loss_weights=LOSS_WEIGHTS["released"],
            output_dir=output_dir,
            flags=flags,
            resume=resume,
        )

    return run


@pytest.fixture(scope="module")
def finished(run, tmp_path_factory):
    """A run that went through without interruption: its folder, model and report."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "SUMMARY_STEPS", 1)
        return folder, *run(folder)


@pytest.fixture
def finished_copy(finished, tmp_path):
    return shutil.copytree(finished[0], tmp_path / "copy")


def interrupt_after(monkeypatch, steps: int):
    """Ctrl-C in the middle of a run, at a moment of the signal's choosing."""
    update = Progress.update

    def interrupted(self, step, loss):
        update(self, step, loss)
        if step == steps:
            raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "update", interrupted)


def curves(output_dir: pathlib.Path) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for path in sorted((output_dir / "tensorboard").iterdir()):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                scalar = float(tf.make_ndarray(value.tensor))
                found.setdefault(value.tag, {})[event.step] = scalar
    return found


def test_what_a_run_leaves(finished):
    folder, lifter, report = finished
    loaded = load_lifter(folder)
    for before, after in zip(lifter.training_weights(), loaded.training_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert json.loads((folder / "metrics.json").read_text()) == report
    assert (folder / "flags.cfg").read_text() == "--channels=8\n"
    assert not list(folder.glob(".*"))

    found = curves(folder)
    terms = {tag for tag in found if tag.startswith("loss/")}
    assert len(terms) == 8
    assert found["learning_rate"][1] == pytest.approx(1e-3)
    assert found["learning_rate"][4] == pytest.approx(0.95e-3)
    assert found["batch_norm_momentum"][9] == pytest.approx(0.1 * 0.01 ** (2 / 3))
    for step in range(1, 10):
        parts = sum(found[tag][step] for tag in terms if tag != "loss/loss")
        assert found["loss/loss"][step] == pytest.approx(parts, rel=1e-5)


def test_an_interrupted_run_goes_on_exactly(run, finished, tmp_path, monkeypatch):
    steps = 3
    folder, lifter, report = finished
    monkeypatch.setattr(loop, "SUMMARY_STEPS", 1)
    with monkeypatch.context() as patch:
        interrupt_after(patch, steps)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path)
    assert not (tmp_path / "model.keras").exists()
    resumed, resumed_report = run(tmp_path, resume=True)
    assert resumed_report == report
    for one, other in zip(lifter.training_weights(), resumed.training_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    for tag, curve in curves(folder).items():
        del curve[steps]  # the interruption came before its summary
        assert curves(tmp_path)[tag] == curve


def test_a_finished_run_can_be_resumed_and_changes_nothing(run, finished, finished_copy):
    assert run(finished_copy, resume=True)[1] == finished[2]


def test_another_run_is_not_overwritten(run, finished_copy):
    with pytest.raises(InputError, match="holds a run already"):
        run(finished_copy)


def test_there_must_be_something_to_resume(run, tmp_path):
    with pytest.raises(InputError, match="there is no run to resume"):
        run(tmp_path, resume=True)
    assert not list(tmp_path.iterdir())
    (tmp_path / "flags.cfg").write_text("--channels=8\n")
    with pytest.raises(InputError, match="no checkpoint to resume from"):
        run(tmp_path, resume=True)


def test_only_the_same_run_is_resumed(run, finished_copy):
    with pytest.raises(InputError, match="flags.cfg and the flags now differ in --channels=16"):
        run(finished_copy, resume=True, flags="--channels=16\n", channels=16)


def test_a_checkpoint_of_another_architecture_is_refused(run, finished_copy):
    with pytest.raises(InputError, match="not a checkpoint of this architecture"):
        run(finished_copy, resume=True, channels=16)


def test_a_damaged_checkpoint_is_refused(run, finished_copy):
    for path in (finished_copy / "checkpoints").glob("*.data*"):
        path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="checkpoints/ckpt-9"):
        run(finished_copy, resume=True)


def test_a_loss_that_is_no_number_ends_the_run(run, tmp_path, monkeypatch, eager):
    monkeypatch.setattr(Schedule, "learning_rate_at", lambda *_: float("nan"))
    with pytest.raises(InputError, match="the loss is not finite at step 2"):
        run(tmp_path / "run")
    assert not (tmp_path / "run" / "model.keras").exists()


def test_an_output_folder_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file/run: cannot be written"):
        run(tmp_path / "file" / "run")
