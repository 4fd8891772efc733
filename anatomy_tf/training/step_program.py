"""A training as one program and its data, to be run where there is no TensorFlow.

The program is the whole step, lowered as far as no device is meant yet (StableHLO): the examples
are made in it, virtual cameras and all, and it ends with the new weights and their average. So
nothing has to be fed but numbers of rows, and an accelerator need not wait for a processor.
"""

from __future__ import annotations

import dataclasses
import json
import math
import pathlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.frame_table import FrameTable
from anatomy_tf.data.batches.motion_table import MotionTable
from anatomy_tf.data.batches.pipeline import Sampling, virtual_batch
from anatomy_tf.data.batches.variations import NO_VARIATIONS, bones_of_limbs
from anatomy_tf.errors import InputError
from anatomy_tf.files import new_folder
from anatomy_tf.geometry.bones import joints_to_bones
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.training.batch_norm import batch_norm_layers
from anatomy_tf.training.losses import mpjpe
from anatomy_tf.training.optimizers import AmsgradAdam, optimizer_variables
from anatomy_tf.training.outputs import training_outputs
from anatomy_tf.training.schedules import Schedule
from anatomy_tf.training.trainer import AnatomyTrainer
from anatomy_tf.training.weight_averages import WeightAverages

OUTCOME = "outcome.npz"
"""What whoever makes the steps leaves in the folder, when all are made."""
SEEDS = 96
"""Seeds that a step is given, more than it has kinds of draws."""
_TABLE = ("directions", "roots", "clip_of")
"""What the table has of every frame; the rest of it is small, and part of the program."""


class StepProgram:
    """The step of `trainer` on a table, and all that it reads and changes.

    Args:
      table: takes that virtual cameras see.
      validation: takes that errors are taken on, under way.
      averages: of the weights, taken in every step; or None.

    Raises:
      InputError: the clips' own cameras see the examples: there is no such program.
    """

    def __init__(
        self,
        trainer: AnatomyTrainer,
        table: FrameTable | MotionTable,
        validation: MotionTable,
        sampling: Sampling,
        averages: WeightAverages | None = None,
    ):
        if not isinstance(table, MotionTable):
            raise InputError("program: its examples are those of virtual cameras only")
        self.trainer, self.sampling, self.averages = trainer, sampling, averages
        self.table, self.validation = table, validation
        if isinstance(trainer.optimizer, AmsgradAdam):
            trainer.optimizer.fused = False

    def variables(self) -> dict[str, tf.Variable]:
        """All that the step reads or changes, by names that are the same in every process."""
        of_parts = {
            "weight": tensorflow_variables(self.trainer.lifter.training_weights()),
            "optimizer": optimizer_variables(self.trainer.optimizer),
            "average": self.averages.variables() if self.averages else [],
        }
        return {
            f"{part}/{number}": variable
            for part, variables in of_parts.items()
            for number, variable in enumerate(variables)
        }

    def step(self, rows, seeds, **of_frames) -> dict[str, tf.Tensor]:
        """The terms of a step on examples of `rows (B,)`; `seeds (SEEDS, 2)` give the draws."""
        table = dataclasses.replace(self.table, **of_frames)
        field, causal = self.trainer.lifter.receptive_field, self.trainer.lifter.causal
        terms = self.trainer.train_step(
            virtual_batch(table, self.sampling, field, causal, rows, seeds)
        )
        if self.averages:
            self.averages.take()
        return terms

    def errors(self, rows, seeds, **of_frames) -> dict[str, tf.Tensor]:
        """MPJPE in millimetres and the error of the limbs' directions in degrees, of examples of
        the table of validation, as captured; in the statistics of the batch, which need no passes
        over data to be taken.
        """
        table, lifter = dataclasses.replace(self.validation, **of_frames), self.trainer.lifter
        sampling = dataclasses.replace(
            self.sampling, variations=NO_VARIATIONS, frames_per_example=1
        )
        inputs, targets = virtual_batch(
            table, sampling, lifter.receptive_field, lifter.causal, rows, seeds
        )
        joints = training_outputs(lifter, inputs, self.trainer.length_pass)["joints"][-1]
        directions = [joints_to_bones(x, lifter.skeleton)[0] for x in (joints, targets["joints"])]
        limbs = np.flatnonzero(bones_of_limbs(lifter.skeleton).any(axis=0))
        cosines = tf.gather(tf.reduce_sum(directions[0] * directions[1], axis=-1), limbs, axis=-1)
        angles = tf.acos(tf.clip_by_value(cosines, -1.0, 1.0))
        return {
            "limbs_deg": tf.reduce_mean(angles) * (180 / math.pi),
            "mpjpe_mm": 1000 * mpjpe(joints, targets["joints"]),
        }

    def write(self, folder: pathlib.Path, schedule: Schedule) -> None:
        """Leaves `step.mlir` and `errors.mlir`; `program.json`, what goes in and comes out;
        `table.npz` and `validation.npz`; `rates.npz`, of every step; and `start.npz`, the variables
        before the first one.

        Raises:
          InputError: the folder is there already, or cannot be written.
        """
        texts: dict[str, str] = {}
        facts: dict[str, Any] = {}
        for name, function, table in (
            ("step", self.step, self.table),
            ("errors", self.errors, self.validation),
        ):
            texts[name], facts[name] = self._lowered(function, table)
        steps = self.sampling.steps_in_epoch(self.table)
        epochs = range(schedule.epochs)
        learning_rates = [
            schedule.learning_rate_at(epoch, (step + 1) / steps)
            for epoch in epochs
            for step in range(steps)
        ]
        momenta = np.repeat([schedule.momentum_at(epoch) for epoch in epochs], steps)
        facts |= {
            "rates": self._rates(),
            "averages": self._averages(),
            "rows": len(self.table),
            "validation_rows": len(self.validation),
            "batch_size": self.sampling.batch_size,
            "steps_per_epoch": steps,
            "epochs": schedule.epochs,
            "seed": self.sampling.seed,
            "seeds": [SEEDS, 2],
        }
        with new_folder(folder) as temporary:
            for name, text in texts.items():
                (temporary / f"{name}.mlir").write_text(text)
            (temporary / "program.json").write_text(json.dumps(facts, indent=1))
            np.savez(temporary / "table.npz", **_of_frames(self.table))
            np.savez(temporary / "validation.npz", **_of_frames(self.validation))
            np.savez(
                temporary / "rates.npz",
                learning_rate=np.array(learning_rates, np.float32),
                batch_norm_momentum=momenta.astype(np.float32),
            )
            start = {name: variable.numpy() for name, variable in self.variables().items()}
            np.savez(temporary / "start.npz", **start)

    def take(self, outcome: pathlib.Path) -> dict:
        """Sets weights and averages to those that the steps left; gives the `seconds` that they
        took, and what they were `made_on`.

        Raises:
          InputError: the file is of another program.
        """
        with np.load(outcome) as kept:
            for name, variable in self.variables().items():
                if name.startswith("optimizer"):
                    continue
                if name not in kept or kept[name].shape != variable.shape:
                    raise InputError(f"{outcome}: of another program: {name} differs")
                variable.assign(kept[name])
            return {
                "seconds": round(float(kept["seconds"]), 1),
                "made_on": str(kept["made_on"]),
            }

    def _averages(self) -> dict[str, str]:
        """Names of the averages, by those of the weights."""
        if not self.averages:
            return {}
        names = {variable.ref(): name for name, variable in self.variables().items()}
        weights = tensorflow_variables(self.trainer.lifter.training_variables())
        averages = self.averages.variables()[1:]
        return {names[w.ref()]: names[a.ref()] for w, a in zip(weights, averages, strict=True)}

    def _rates(self) -> dict[str, list[str]]:
        """Names of the variables that follow the schedule."""
        names = {variable.ref(): name for name, variable in self.variables().items()}
        momenta = [layer.momentum for layer in batch_norm_layers(self.trainer.lifter)]
        rate = self.trainer.optimizer._learning_rate
        return {
            "learning_rate": [names[v.ref()] for v in tensorflow_variables([rate])],
            "batch_norm_momentum": [names[v.ref()] for v in tensorflow_variables(momenta)],
        }

    def _lowered(self, function: Callable, table: MotionTable) -> tuple[str, dict]:
        """A program, and the names of its arguments and results."""
        given = {
            "rows": tf.TensorSpec([self.sampling.batch_size], tf.int32),
            "seeds": tf.TensorSpec([SEEDS, 2], tf.int32),
        } | {name: tf.TensorSpec(x.shape, x.dtype) for name, x in _of_frames(table).items()}
        order = list(given)
        step = tf.function(
            lambda *values: function(**dict(zip(order, values, strict=True))),
            jit_compile=True,
            autograph=False,
        )
        specs = tuple(given.values())
        concrete = step.get_concrete_function(*specs)
        lower = step.experimental_get_compiler_ir(*specs)
        names = {id(variable.handle): name for name, variable in self.variables().items()}
        arguments = order + [names[id(handle)] for handle in concrete.captured_inputs]
        terms = sorted(concrete.structured_outputs)
        program = lower(stage="stablehlo", platform_name="CPU")
        # A variable that a step changes is a result that stands for an argument.
        changed = re.findall(
            r"parameter_number = (\d+) .*?output_index = array<i64: (\d+)>", program
        )
        results = terms + [""] * len(changed)
        for argument, result in changed:
            results[int(result)] = arguments[int(argument)]
        return _portable(program), {"arguments": arguments, "terms": terms, "results": results}


def _of_frames(table: MotionTable) -> dict[str, Any]:
    return {name: getattr(table, name) for name in _TABLE}


def _portable(program: str) -> str:
    """The text without what only XLA's own compiler takes, and where operations came from."""
    program = re.sub(r"^#loc.*\n", "", program, flags=re.MULTILINE)
    program = re.sub(r' loc\((?:#loc\d*|"[^"]*"|fused\[[^\]]*\]|unknown)\)', "", program)
    program = re.sub(r"^module .*$", "module @step {", program, count=1, flags=re.MULTILINE)
    program = re.sub(r" \{mhlo\.frontend_attributes = \{[^}]*\}\}", "", program)
    program = re.sub(r'dense<"0x(\w+)"> : tensor<([0-9x]+)xi1>', _spelled_out, program)
    return re.sub(
        r"mhlo\.copy (%\w+) : (tensor<\S+>)", r"stablehlo.reshape \1 : (\2) -> \2", program
    )


def _spelled_out(constant: re.Match) -> str:
    """Packed truth values one by one: how they are packed is not the same in all versions."""
    octets = np.frombuffer(bytes.fromhex(constant[1]), np.uint8)
    shape = [int(size) for size in constant[2].split("x")]
    values = np.unpackbits(octets, bitorder="little")[: np.prod(shape)].astype(bool).reshape(shape)
    return f"dense<{json.dumps(values.tolist())}> : tensor<{constant[2]}xi1>"
