"""Trains a model, evaluates it on the test subjects, and leaves it in a folder.

Example:

    python tools/train.py --flagfile=configs/cmu_quick.cfg --output_dir=runs/cmu_quick

The folder gets model.keras, metrics.json, checkpoints/, tensorboard/, flags.cfg and run.json; with
--export also saved_model/ and model.tflite. After an interruption, the same command with --resume
goes on exactly; with more --epochs, a finished run is made longer. --resume can always be given: a
first run just starts.
"""

from __future__ import annotations

import anatomy_tf.interrupts  # noqa: F401  # isort: skip
import dataclasses
import pathlib
from typing import TYPE_CHECKING

from absl import flags

from anatomy_tf.choices import (
    ASSEMBLIES,
    KEYPOINT_FRAMES,
    LENGTH_NETWORKS,
    MODES,
    VISIBILITY,
)
from anatomy_tf.data import sources
from anatomy_tf.errors import InputError
from anatomy_tf.run_tool import (
    default_flags,
    end_at_once,
    flag_group,
    given_flags,
    run_tool,
    whole_numbers,
)
from anatomy_tf.training.choices import (
    CAMERAS,
    LEARNING_RATE_SCHEDULES,
    LENGTH_PASSES,
    LOSS_WEIGHTS,
    OPTIMIZERS,
    PRECISIONS,
    STRATEGIES,
    WEIGHT_AVERAGES,
    LossWeights,
)

if TYPE_CHECKING:
    from anatomy_tf.data.batches.pipeline import Sampling
    from anatomy_tf.training.schedules import Schedule
    from anatomy_tf.visualize.training_pictures import PosePictures

FLAGS = flags.FLAGS
MODEL_FLAGS = (
    *("channels", "dropout", "causal", "visibility", "sub_networks", "long_skips"),
    *("length_network", "assembly", "joint_shifts", "self_pairs", "gamma", "keypoint_frame"),
)
VARIATIONS = ("mixed_limbs", "turned", "reversed", "frame_rates", "masked")
WEIGHTED_TERMS = (
    *("direction", "joint_shift", "length", "joints", "consistency"),
    *("direction_distance", "scale_free", "distal", "velocity"),
)
_RUN_ONLY = (
    "output_dir",
    "resume",
    "export",
    "strategy",
    "wait_seconds",
    "data_on_disk",
    "program",
)

with flag_group("Run"):
    flags.DEFINE_string("output_dir", None, "Folder for all that the run leaves.", required=True)
    flags.DEFINE_boolean(
        "resume", False, "Go on exactly with the run in --output_dir, if there is one."
    )
    flags.DEFINE_string("init", None, "A finished model, by name or path, to train on.")
    flags.DEFINE_boolean("export", False, "Also leave a SavedModel and a TFLite file.")
    flags.DEFINE_boolean("half_weights", False, "Keep weights in 16 bits, in half the file.")
    flags.DEFINE_integer("seed", 0, "All random draws follow from it.", lower_bound=0)

with flag_group("Several devices"):
    flags.DEFINE_enum(
        *("strategy", "none", STRATEGIES),
        "Train on all GPUs of this machine (mirrored), or on the workers that the environment's "
        "TF_CONFIG names (multi_worker). docs/scaling.md tells how.",
    )
    flags.DEFINE_string(
        *("program", None),
        "Folder for the steps as a program, made on a machine without TensorFlow; docs/scaling.md.",
    )
    flags.DEFINE_float("wait_seconds", 300, "How long workers wait for each other at first.", 1)

with flag_group("Data"):
    flags.DEFINE_enum("data", "cmu", sources.NAMES, "What data to train and test on.")
    flags.DEFINE_string("data_dir", None, "Folder of the data, instead of the shipped one.")
    flags.DEFINE_list("more_data_dirs", [], "Mocap folders to train on as well.")
    flags.DEFINE_list("train_subjects", None, "Train on these, instead of the data's own split.")
    flags.DEFINE_list("test_subjects", None, "Test on these, instead of the data's own split.")
    flags.DEFINE_list("validation_subjects", None, "Validate on these, instead of those tested.")
    flags.DEFINE_enum("keypoints", "detected", sources.KEYPOINTS, "Where keypoints come from.")
    flags.DEFINE_integer("min_clip_frames", 1, "Do not train on shorter clips.", lower_bound=1)
    flags.DEFINE_enum("cameras", "own", CAMERAS, "Who sees the training examples.")
    flags.DEFINE_boolean("flip_augmentation", True, "Train on mirrored clips too.")
    flags.DEFINE_boolean("data_on_disk", False, "Keep frames in files in --output_dir, not in RAM.")

with flag_group("Model"):
    flags.DEFINE_enum(
        *("keypoint_frame", "screen", KEYPOINT_FRAMES),
        "How keypoints enter: on the screen, as in the paper, or turned towards the person.",
    )
    flags.DEFINE_list(
        *("filter_widths", ["3", "3", "3"]),
        "Odd widths of the convolutions over time; their product is the receptive field.",
    )
    flags.DEFINE_integer("channels", 1024, "Channels of every hidden layer.", lower_bound=1)
    flags.DEFINE_float("dropout", 0.25, "Share of features dropped in training.", 0, 0.99)
    flags.DEFINE_boolean("causal", False, "Read no frame after the current one (section IV-C).")
    flags.DEFINE_enum(
        *("visibility", "attention", VISIBILITY), "How visibility scores enter (eq. 8)."
    )
    flags.DEFINE_integer(
        *("sub_networks", 2),
        "Direction sub-networks (section III-B).",
        lower_bound=1,
        upper_bound=3,
    )
    flags.DEFINE_boolean(
        *("long_skips", True),
        "Sub-networks read the one below and are trained one by one (LSC, section III-B).",
    )
    flags.DEFINE_enum(
        *("length_network", "attention", LENGTH_NETWORKS),
        "How frames give bone lengths (eq. 6, section III-C).",
    )
    flags.DEFINE_enum(
        *("assembly", "released", ASSEMBLIES),
        "How joints come about; kinematic adds bones up (eq. 1).",
    )
    flags.DEFINE_enum(
        *("final_assembly", None, ["kinematic"]),
        "Of the finished model, if another one than trains: add bones up.",
    )
    flags.DEFINE_boolean("joint_shifts", True, "Learn the joint shifts (JSL, eq. 2).")
    flags.DEFINE_boolean("self_pairs", False, "Joint shifts of the released weights: 17 more.")
    flags.DEFINE_float("gamma", 10, "Degree of attention among frames, gamma.", lower_bound=0)
    flags.DEFINE_enum("length_frames", "all", MODES, "Frames for the lengths of a finished clip.")
    flags.DEFINE_integer("num_length_frames", 50, "How many, M, if not all.", 1, 10_000)

with flag_group("Batches"):
    flags.DEFINE_integer("batch_size", 1024, "Examples in a batch.", lower_bound=2)
    flags.DEFINE_integer(
        *("frames_per_example", 1), "Frames in a row that an example has losses of.", 1, 1000
    )
    flags.DEFINE_integer("steps_per_epoch", None, "Batches in an epoch; all if not given.", 1)
    flags.DEFINE_integer("sampled_frames", 50, "Frames sampled for bone lengths, l.", 1, 1000)
    flags.DEFINE_boolean("sample_consecutive", False, "Sample them around the current frame.")
    flags.DEFINE_boolean("share_samples", False, "Examples of one clip share them.")
    flags.DEFINE_float(
        "augmentation_degree", 0.6, "Spread of made-up bone lengths (AUG); 0: none.", 0
    )
    flags.DEFINE_float(
        "mixed_limbs", 0, "Chance of an arm or leg to move as in another take.", 0, 1
    )
    flags.DEFINE_float("turned", 0, "Radians (sd) by which limbs and trunk are turned.", 0, 1)
    flags.DEFINE_float("reversed", 0, "Chance of a motion to go backwards.", 0, 1)
    flags.DEFINE_float("frame_rates", 0, "Spread of the logarithm of the pace.", 0, 1)
    flags.DEFINE_float("masked", 0, "How much more often keypoints are missing.", 0, 0.9)

with flag_group("Losses (section III-D)"):
    flags.DEFINE_enum(
        "loss_weights", "released", list(LOSS_WEIGHTS), "Weights of the terms (eq. 7)."
    )
    for _term in WEIGHTED_TERMS:
        flags.DEFINE_float(
            f"{_term}_weight", None, f"Weight of {_term.replace('_', ' ')}, if not the preset's.", 0
        )
    flags.DEFINE_enum("length_pass", "exact", LENGTH_PASSES, "How sampled frames are lifted.")
    flags.DEFINE_enum("precision", "float32", PRECISIONS, "Of hidden features in training.")

with flag_group("Optimizer"):
    flags.DEFINE_enum(
        *("optimizer", "adam", OPTIMIZERS),
        "What makes the steps; adam is the published one. docs/optimizers.md compares them.",
    )
    flags.DEFINE_float(
        *("weight_decay", None),
        "Share of every weight, times the learning rate, that a step takes off; 0.01 if not given "
        "with adamw.",
        0,
    )
    flags.DEFINE_float("clip_norm", None, "Largest norm of all gradients together.", 1e-12)
    flags.DEFINE_enum(
        *("weight_average", "none", WEIGHT_AVERAGES),
        "Which average of the weights the model has in the end.",
    )
    flags.DEFINE_float("average_decay", 0.999, "How much of an ema a step leaves.", 0, 1)

with flag_group("Schedule"):
    flags.DEFINE_integer("epochs", 60, "Epochs to train; more, with --resume, go on.", 1)
    flags.DEFINE_float("learning_rate", 1e-3, "Learning rate of the first epoch.", lower_bound=0)
    flags.DEFINE_enum(
        *("learning_rate_schedule", "exponential", LEARNING_RATE_SCHEDULES),
        "How the learning rate falls; the paper's is exponential.",
    )
    flags.DEFINE_float(
        "learning_rate_decay", 0.95, "Its factor from epoch to epoch, if exponential.", 0
    )
    flags.DEFINE_float("warmup_epochs", 0, "Epochs over which the learning rate first rises.", 0)
    flags.DEFINE_float("first_momentum", 0.1, "BatchNorm momentum at first.", 1e-6, 1)
    flags.DEFINE_float("last_momentum", 0.001, "BatchNorm momentum after the last epoch.", 1e-6, 1)
    flags.DEFINE_integer(
        "statistics_batches", 50, "Batches over which BatchNorm statistics are taken in the end.", 0
    )

with flag_group("While it trains"):
    flags.DEFINE_integer("validate_every", 0, "Epochs from validation to validation; 0: none.", 0)
    flags.DEFINE_boolean("keep_best", False, "Keep the best validated model, as best.keras.")
    flags.DEFINE_integer(
        "patience",
        0,
        "Validations without a better one after which training ends; 0: all go on.",
        0,
    )


def main() -> None:
    # After the flags, so that --help need not wait for TensorFlow.
    from anatomy_tf.evaluation.error_report import format_report
    from anatomy_tf.export.tflite.tflite_file import check_tflite
    from anatomy_tf.export.written_outputs import Outputs, export
    from anatomy_tf.models.length_frames import LengthFrames
    from anatomy_tf.training.cluster import read_cluster
    from anatomy_tf.training.experiment import train
    from anatomy_tf.training.optimizers import OptimizerChoice
    from anatomy_tf.training.validation import ValidationPlan

    if FLAGS.strategy == "multi_worker":
        end_at_once()
    if FLAGS.export:
        check_tflite(LengthFrames(FLAGS.length_frames, FLAGS.num_length_frames))
    model, report = train(
        FLAGS.output_dir,
        data=FLAGS.data,
        data_dir=FLAGS.data_dir,
        more_data_dirs=FLAGS.more_data_dirs,
        train_subjects=FLAGS.train_subjects,
        test_subjects=FLAGS.test_subjects,
        keypoints=FLAGS.keypoints,
        cameras=FLAGS.cameras,
        min_clip_frames=FLAGS.min_clip_frames,
        flip=FLAGS.flip_augmentation,
        data_on_disk=FLAGS.data_on_disk,
        model=model_arguments(),
        sampling=_sampling(),
        schedule=_schedule(),
        loss_weights=loss_weights(),
        length_pass=FLAGS.length_pass,
        precision=FLAGS.precision,
        optimizer=OptimizerChoice(FLAGS.optimizer, FLAGS.weight_decay, FLAGS.clip_norm),
        weight_average=FLAGS.weight_average,
        average_decay=FLAGS.average_decay,
        init=FLAGS.init,
        validation=ValidationPlan(FLAGS.validate_every, FLAGS.keep_best, FLAGS.patience),
        validation_subjects=FLAGS.validation_subjects,
        callbacks=_pictures(),
        resume=FLAGS.resume,
        strategy=FLAGS.strategy,
        wait_seconds=FLAGS.wait_seconds,
        program=FLAGS.program,
        half_weights=FLAGS.half_weights,
        final_assembly=FLAGS.final_assembly,
        settings=given_flags(*_RUN_ONLY),
        default_settings=default_flags(),
    )
    if FLAGS.strategy == "multi_worker" and read_cluster().index:
        return  # the chief reports and exports
    if not report:
        print(
            f"{FLAGS.program}: make the steps with examples/accelerator/run_program.py; after "
            "that, the same command takes their weights and evaluates them"
        )
        return
    print(format_report(report))
    if FLAGS.export:
        output_dir = pathlib.Path(FLAGS.output_dir)
        outputs = Outputs(
            saved_model_dir=output_dir / "saved_model", tflite=output_dir / "model.tflite"
        )
        export(model, outputs, replace=True)


def model_arguments() -> dict:
    from anatomy_tf.models.length_frames import LengthFrames

    return {
        "filter_widths": whole_numbers("filter_widths", FLAGS.filter_widths),
        "length_frames": LengthFrames(FLAGS.length_frames, FLAGS.num_length_frames),
        **{name: FLAGS[name].value for name in MODEL_FLAGS},
    }


def _schedule() -> Schedule:
    from anatomy_tf.training.schedules import Schedule

    return Schedule(
        epochs=FLAGS.epochs,
        learning_rate=FLAGS.learning_rate,
        learning_rate_decay=FLAGS.learning_rate_decay,
        first_momentum=FLAGS.first_momentum,
        last_momentum=FLAGS.last_momentum,
        statistics_batches=FLAGS.statistics_batches,
        shape=FLAGS.learning_rate_schedule,
        warmup_epochs=FLAGS.warmup_epochs,
    )


def _sampling() -> Sampling:
    from anatomy_tf.data.batches.pipeline import Sampling
    from anatomy_tf.data.batches.variations import Variations

    return Sampling(
        sampled_frames=FLAGS.sampled_frames,
        consecutive=FLAGS.sample_consecutive,
        shared=FLAGS.share_samples,
        augmentation_degree=FLAGS.augmentation_degree,
        frames_per_example=FLAGS.frames_per_example,
        batch_size=FLAGS.batch_size,
        steps_per_epoch=FLAGS.steps_per_epoch,
        seed=FLAGS.seed,
        variations=Variations(**{name: FLAGS[name].value for name in VARIATIONS}),
    )


def _pictures() -> list[PosePictures]:
    """Of lifted poses, at every validation, where there is what draws them."""
    from anatomy_tf.visualize.figure import check_matplotlib
    from anatomy_tf.visualize.training_pictures import PosePictures

    if not FLAGS.validate_every:
        return []
    try:
        check_matplotlib()
    except InputError as reason:
        print(f"no poses in TensorBoard: {reason}")
        return []
    return [PosePictures(FLAGS.output_dir, FLAGS.validate_every)]


def loss_weights() -> LossWeights:
    given = {term: FLAGS[f"{term}_weight"].value for term in WEIGHTED_TERMS}
    given = {term: weight for term, weight in given.items() if weight is not None}
    return dataclasses.replace(LOSS_WEIGHTS[FLAGS.loss_weights], **given)


if __name__ == "__main__":
    run_tool(main, __doc__)
