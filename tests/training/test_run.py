import json
import pathlib
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.training import curves as curves_module
from anatomy_tf.training import experiment
from anatomy_tf.training import validation as validation_module
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.run import run_training
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.run_flags import check_flags
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.validation import ValidationPlan, check_validation
from tests.mocap_folder import write_mocap_folder
from tests.training.interruption import interrupt_after


@pytest.fixture(scope="module")
def clips(tmp_path_factory, cmu):
    source = open_mocap_folder(write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu))
    return source.clips(["A01"]), source.clips(["A10"])


@pytest.fixture(scope="module")
def run(clips):
    def run(
        output_dir, resume=False, flags="--channels=8\n", channels=8, epochs=3, callbacks=(), **more
    ):
        choices = RunChoices(
            model={"filter_widths": (3, 3), "channels": channels, "sub_networks": 1},
            sampling=Sampling(sampled_frames=4, batch_size=16, steps_per_epoch=3),
            schedule=Schedule(epochs=epochs, statistics_batches=2),
            loss_weights=LOSS_WEIGHTS["released"],
            flags=flags,
            resume=resume,
            **{"validation": ValidationPlan(every=1, keep_best=True)} | more,
        )
        return run_training(*clips, "cmu", output_dir, choices, callbacks=callbacks)

    return run


@pytest.fixture(scope="module")
def finished(run, tmp_path_factory):
    """A run that went through without interruption: its folder, model and report."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves_module, "SUMMARY_STEPS", 1)
        return folder, *run(folder)


@pytest.fixture
def finished_copy(finished, tmp_path):
    return shutil.copytree(finished[0], tmp_path / "copy")


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
    facts = report["run"]
    assert (facts["seed"], facts["epochs"]) == (0, 3)
    assert facts["flags"] == ["--channels=8"]
    assert json.loads((folder / "run.json").read_text())["starts"] == [
        {name: facts[name] for name in facts.keys() - {"epochs", "seconds", "best", "replicas"}}
    ]
    assert facts["seconds"] > 0
    assert facts["tensorflow"] == tf.__version__

    found = curves(folder)
    terms = {tag for tag in found if tag.startswith("loss/")}
    assert len(terms) == 8
    assert found["learning_rate"][1] == pytest.approx(1e-3)
    assert found["learning_rate"][4] == pytest.approx(0.95e-3)
    assert found["gradient_norm"].keys() == set(range(1, 10))
    assert found["examples_per_second"][9] > 0
    errors = found["validation/mpjpe_mm"]
    assert errors.keys() == {3, 6, 9}
    best = facts["best"]
    assert best["mpjpe_mm"] == pytest.approx(min(errors.values()), rel=1e-5)
    assert errors[3 * best["epoch"]] == min(errors.values())
    assert best["chosen_on"] == "the test subjects"
    assert load_lifter(folder / "best.keras").receptive_field == 9
    assert found["batch_norm_momentum"][9] == pytest.approx(0.1 * 0.01 ** (2 / 3))
    for step in range(1, 10):
        parts = sum(found[tag][step] for tag in terms if tag != "loss/loss")
        assert found["loss/loss"][step] == pytest.approx(parts, rel=1e-5)


def test_an_interrupted_run_goes_on_exactly(run, finished, tmp_path, monkeypatch):
    steps = 3
    folder, lifter, report = finished
    monkeypatch.setattr(curves_module, "SUMMARY_STEPS", 1)
    with monkeypatch.context() as patch:
        interrupt_after(patch, steps)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path)
    assert not (tmp_path / "model.keras").exists()
    # With the frames on disk, which changes nothing.
    resumed, resumed_report = run(tmp_path, resume=True, data_on_disk=True)
    assert not list(tmp_path.glob(".partial-*"))
    assert resumed_report | {"run": report["run"]} == report
    for one, other in zip(lifter.training_weights(), resumed.training_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    found = curves(tmp_path)
    for tag, curve in curves(folder).items():
        if tag != "examples_per_second":
            curve.pop(steps, None)  # the interruption came before its summary
            found[tag].pop(steps, None)
            assert found[tag] == curve, tag


def test_a_finished_run_can_be_resumed_and_changes_nothing(run, finished, finished_copy):
    report = run(finished_copy, resume=True)[1]
    assert report | {"run": finished[2]["run"]} == finished[2]
    assert report["run"]["seconds"] == finished[2]["run"]["seconds"]


def test_another_run_is_not_overwritten(run, finished_copy):
    with pytest.raises(InputError, match="holds a run already"):
        run(finished_copy)


def test_a_first_run_may_be_resumed_but_not_a_model_alone(
    run, finished_copy, tmp_path, monkeypatch, eager
):
    interrupt_after(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, resume=True)
    # After one step, or some that were made before it was looked at.
    assert len(list((tmp_path / "checkpoints").glob("ckpt-?.index"))) == 1
    shutil.rmtree(finished_copy / "checkpoints")
    with pytest.raises(InputError, match="a model without checkpoints cannot be trained on"):
        run(finished_copy, resume=True)


def test_only_the_same_run_is_resumed(run, finished_copy):
    with pytest.raises(InputError, match="flags.cfg and the flags now differ in --channels=16"):
        run(finished_copy, resume=True, flags="--channels=16\n", channels=16)


def test_a_checkpoint_of_another_architecture_is_refused(run, finished_copy):
    with pytest.raises(InputError, match="not a checkpoint of this architecture"):
        run(finished_copy, resume=True, channels=16)


def test_a_loss_that_is_no_number_ends_the_run(run, tmp_path, monkeypatch, eager):
    monkeypatch.setattr(Schedule, "learning_rate_at", lambda *_: float("nan"))
    with pytest.raises(InputError, match="direction is not finite at step 2"):
        run(tmp_path / "run")
    assert not (tmp_path / "run" / "model.keras").exists()


def test_an_output_folder_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file/run: cannot be written"):
        run(tmp_path / "file" / "run")


@pytest.mark.long
def test_training_ends_when_it_no_longer_gets_better(run, tmp_path, monkeypatch, eager):
    """Also when it is resumed; Keras' own callbacks may end it too."""
    errors = iter([5.0, 4.0, 4.5, 4.2, 3.0])
    monkeypatch.setattr(
        validation_module,
        "errors_of",
        lambda *_: dict.fromkeys(validation_module.SHOWN, next(errors)),
    )
    plan = {"epochs": 9, "validation": ValidationPlan(every=1, patience=2)}
    _, report = run(tmp_path / "run", **plan)
    assert report["run"]["epochs"] == 4
    assert report["run"]["best"] == {
        "epoch": 2,
        "mpjpe_mm": 4.0,
        "chosen_on": "the test subjects",
    }
    assert run(tmp_path / "run", resume=True, **plan)[1]["run"]["epochs"] == 4


@pytest.mark.long
def test_callbacks_of_keras_are_told_and_may_end_training(run, tmp_path, eager):
    class Told(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.epochs, self.batches = [], []

        def on_train_batch_end(self, batch, logs=None):
            self.batches.append((batch, logs["loss"]))

        def on_epoch_end(self, epoch, logs=None):
            self.epochs.append((epoch, logs["loss"], logs["validation_mpjpe_mm"]))
            self.model.stop_training = True

    told = Told()
    _, report = run(tmp_path, callbacks=[told])
    assert [batch for batch, _ in told.batches] == [0, 1, 2]
    assert told.epochs == [(0, told.batches[-1][1], report["run"]["best"]["mpjpe_mm"])]
    assert report["run"]["epochs"] == 1


@pytest.mark.long
def test_a_finished_run_is_made_longer_and_never_shorter(run, finished_copy, eager):
    flags = "--channels=8\n--epochs={}\n"
    (finished_copy / "flags.cfg").write_text(flags.format(3))
    _, report = run(finished_copy, resume=True, epochs=4, flags=flags.format(4))
    assert report["run"]["epochs"] == 4
    assert (finished_copy / "flags.cfg").read_text() == flags.format(4)
    with pytest.raises(InputError, match="the run has 4 epochs, and can only be made longer"):
        run(finished_copy, resume=True, flags=flags.format(3))


def test_flags_that_are_new_since_are_at_their_defaults(tmp_path):
    (tmp_path / "flags.cfg").write_text("--channels=8\n")
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "ckpt-1.index").touch()
    defaults = "--channels=1024\n--optimizer=adam\n--nokeep_best\n"
    now = "--channels=8\n--optimizer=adam\n--nokeep_best\n"
    check_flags(tmp_path, now, resume=True, defaults=defaults)
    for changed in (("=adam", "=lamb"), ("--nok", "--k"), ("=8", "=1024")):
        with pytest.raises(InputError, match="the flags now differ in --"):
            check_flags(tmp_path, now.replace(*changed), resume=True, defaults=defaults)


def test_what_needs_a_validation():
    with pytest.raises(InputError, match="keep_best: give validate_every too"):
        check_validation(ValidationPlan(keep_best=True))


def test_a_subject_that_is_named_twice_is_trained_on_once(cmu):
    read = experiment._training_clips([(cmu, ["A02", "A03", "A02"])], "detected", 300)
    expected = [clip.name for clip in cmu.clips(["A02", "A03"]) if len(clip) >= 300]
    assert [clip.name for clip in read] == expected
