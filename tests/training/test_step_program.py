import dataclasses
import json
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.motion_table import build_motion_table
from anatomy_tf.data.batches.pipeline import Sampling, virtual_batch
from anatomy_tf.data.batches.variations import Variations
from anatomy_tf.data.sets.mocap_folder import open_mocap_folder
from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.elsewhere import train_elsewhere
from anatomy_tf.training.optimizers import OptimizerChoice
from anatomy_tf.training.run import training_sampling
from anatomy_tf.training.run_checks import check_run
from anatomy_tf.training.run_choices import RunChoices
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.step_program import OUTCOME, SEEDS, StepProgram
from anatomy_tf.training.trainer import build_trainer
from anatomy_tf.training.weight_averages import WeightAverages
from tests.mocap_folder import write_mocap_folder

WEIGHTS = LOSS_WEIGHTS["released"]
SCHEDULE = Schedule(epochs=2, learning_rate=0.01, statistics_batches=1)
AVERAGED = {"weight_average": "ema", "average_decay": 0.5, "length_pass": "fast"}


@pytest.fixture(scope="module")
def clips(tmp_path_factory, cmu):
    source = open_mocap_folder(write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu))
    return source.clips(["A01"])


def made(clips):
    """A small lifter, its table, and how examples are drawn."""
    keras.utils.set_random_seed(1)
    lifter = AnatomyLifter(
        clips[0].skeleton,
        keypoint_frame="person",
        filter_widths=(3, 3),
        channels=4,
        dropout=0,
        visibility="none",
        sub_networks=1,
    )
    sampling = Sampling(
        sampled_frames=2, batch_size=8, steps_per_epoch=3, variations=Variations(mixed_limbs=0.5)
    )
    sampling = training_sampling(sampling, lifter, WEIGHTS, "virtual")
    return lifter, build_motion_table(clips), sampling


@pytest.fixture(scope="module")
def written(clips, tmp_path_factory):
    """The folder of a program."""
    lifter, table, sampling = made(clips)
    folder = tmp_path_factory.mktemp("run") / "program"
    how = (lifter, table, sampling, SCHEDULE, WEIGHTS, clips, folder)
    assert train_elsewhere(*how, **AVERAGED) == {}
    return folder


@pytest.mark.long
def test_a_program_says_what_goes_in_and_what_comes_out(written, clips):
    facts = json.loads((written / "program.json").read_text())
    start = np.load(written / "start.npz")
    assert facts["rows"] == len(np.load(written / "table.npz")["roots"])
    for name in ("step", "errors"):
        text = (written / f"{name}.mlir").read_text()
        signature = re.search(r"func\.func @main\((.*?)\) -> \((.*?)\) \{", text, re.DOTALL)
        types = re.findall(r"tensor<(\S*?)>", signature[1])
        assert len(types) == len(facts[name]["arguments"])
        for argument, type_of in zip(facts[name]["arguments"], types, strict=True):
            if argument in start.files:
                shape = tuple(int(size) for size in type_of.split("x")[:-1])
                assert shape == start[argument].shape, argument
        assert len(re.findall(r"tensor<", signature[2])) == len(facts[name]["results"])
        assert not re.findall(r"mhlo\.| loc\(|custom_call", text)
    changed = set(facts["step"]["results"]) - set(facts["step"]["terms"])
    trained = set(facts["averages"])
    assert trained <= changed
    assert set(facts["averages"].values()) <= changed
    rates = np.load(written / "rates.npz")
    assert {len(rates[name]) for name in rates.files} == {6}
    assert set(facts["rates"]) == set(rates.files)


def test_a_step_is_that_of_the_trainer_and_moves_the_average(clips):
    lifter, table, sampling = made(clips)
    trainer = build_trainer(lifter, WEIGHTS, 0.01, "fast")
    program = StepProgram(trainer, table, table, sampling, WeightAverages(lifter, "ema", 0.5, 2))
    rows = tf.constant(np.arange(8, dtype=np.int32) * 5)
    seeds = tf.random.stateless_uniform([SEEDS, 2], [1, 2], None, None, tf.int32)
    before = {name: variable.numpy() for name, variable in program.variables().items()}
    of_frames = {name: getattr(table, name) for name in ("directions", "roots", "clip_of")}
    terms = program.step(rows, seeds, **of_frames)
    after = {name: variable.numpy() for name, variable in program.variables().items()}

    for name, variable in program.variables().items():
        variable.assign(before[name])
    field = lifter.receptive_field
    expected = trainer.train_step(virtual_batch(table, sampling, field, False, rows, seeds))
    assert terms.keys() == expected.keys()
    for name, value in expected.items():
        assert float(terms[name]) == pytest.approx(float(value), rel=1e-5), name
    moved = [name for name in before if np.any(before[name] != after[name])]
    assert {name.split("/")[0] for name in moved} == {"weight", "optimizer", "average"}
    errors = program.errors(rows, seeds, **of_frames)
    assert 100 < float(errors["mpjpe_mm"]) < 2000
    assert 20 < float(errors["limbs_deg"]) < 160


@pytest.mark.long
def test_the_outcome_of_the_steps_becomes_the_model(written, clips):
    facts = json.loads((written / "program.json").read_text())
    outcome = dict(np.load(written / "start.npz"))
    for average in facts["averages"].values():
        outcome[average] = outcome[average] + 1
    outcome["average/0"] = np.array(6)  # how many were taken
    outcome = {name: value for name, value in outcome.items() if not name.startswith("optimizer")}
    np.savez(written / OUTCOME, **outcome, seconds=12.34, made_on="a device")
    lifter, table, sampling = made(clips)
    old = [np.array(weight) for weight in lifter.training_variables()]
    how = (lifter, table, sampling, SCHEDULE, WEIGHTS, clips, written)
    done = train_elsewhere(*how, **AVERAGED)
    assert (done["seconds"], done["made_on"]) == (12.3, "a device")
    for weight, was in zip(lifter.training_variables(), old, strict=True):
        np.testing.assert_allclose(np.array(weight), was + 1)

    np.savez(written / OUTCOME, **outcome | {"weight/0": np.zeros(3)}, seconds=1.0, made_on="")
    with pytest.raises(InputError, match="outcome.npz: of another program: weight/0 differs"):
        train_elsewhere(*how, **AVERAGED)


def test_programs_are_for_virtual_cameras(clips, tmp_path):
    lifter, _, sampling = made(clips)
    how = (lifter, build_frame_table(clips), sampling, SCHEDULE, WEIGHTS, clips, tmp_path / "new")
    with pytest.raises(InputError, match="program: its examples are those of virtual cameras"):
        train_elsewhere(*how)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cameras": "own", "program": "new"}, "mixed_limbs: of the motion that virtual cameras"),
        ({"cameras": "own", "program": "new", "plain": True}, "program: its examples are those"),
        (
            {"cameras": "virtual", "program": "new", "optimizer": OptimizerChoice("radam")},
            "program: not with optimizer radam|optimizer radam is one of tensorflow-addons",
        ),
    ],
)
def test_what_no_program_can_do_is_refused_before_data_is_read(clips, tmp_path, arguments, message):
    lifter, _, sampling = made(clips)
    if arguments.pop("plain", False):
        sampling = dataclasses.replace(sampling, variations=Variations())
    arguments["program"] = tmp_path / arguments["program"]
    choices = RunChoices(lifter.get_config(), sampling, SCHEDULE, WEIGHTS, **arguments)
    with pytest.raises(InputError, match=message):
        check_run(choices, tmp_path)
    assert not arguments["program"].exists()
