"""Trains the same model on one replica and on two virtual devices, for `test_replicas.py`.

    python -m tests.training.two_replicas STEPS LENGTH_PASS PRECISION OPTIMIZER FILE

What either leaves goes to a file of arrays: `weights_R_N` of R replicas, and `losses_R`.
"""

import sys

import anatomy_tf.quiet_tensorflow  # noqa: F401  # isort: skip

import keras
import numpy as np
import tensorflow as tf

from anatomy_tf.data.batches.parts import parts_of_batches
from anatomy_tf.models import layers, replicated_norm
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.loss_reach import random_batch
from anatomy_tf.training.optimizers import OptimizerChoice
from anatomy_tf.training.trainer import build_trainer
from anatomy_tf.training.weight_averages import WeightAverages

BATCH = 4


def train(strategy, steps: int, length_pass: str, precision: str, optimizer: str):
    keras.utils.set_random_seed(0)
    with strategy.scope():
        lifter = AnatomyLifter(H36M_17, (3, 3), channels=8, sub_networks=1)
        choice = OptimizerChoice(optimizer, None if optimizer == "adam" else 0.1, clip_norm=5)
        how = (length_pass, precision, choice)
        trainer = build_trainer(lifter, LOSS_WEIGHTS["released"], 1e-3, *how)
        averages = WeightAverages(lifter, "ema", 0.9, epochs=1)

    def parts(context):
        dataset = tf.data.Dataset.from_tensors(random_batch(lifter)).repeat()
        return parts_of_batches(dataset, BATCH, context.num_replicas_in_sync, 0, replicas)

    replicas = strategy.num_replicas_in_sync
    batches = iter(strategy.distribute_datasets_from_function(parts))
    step = tf.function(lambda batch: strategy.run(trainer.train_step, (batch,)), autograph=False)
    losses = []
    for _ in range(steps):
        terms = step(next(batches))
        losses.append([float(v) for v in strategy.experimental_local_results(terms["loss"])])
        averages.after_step(0, False)
    variables = tensorflow_variables(lifter.training_weights()) + averages.variables()
    copies = [[v.numpy() for v in strategy.experimental_local_results(x)] for x in variables]
    for of_one in copies:
        assert all(np.array_equal(of_one[0], other) for other in of_one)
    return losses, [of_one[0] for of_one in copies]


def main(steps: str, length_pass: str, precision: str, optimizer: str, file: str):
    # Compiled anew for every device, they take longer than the whole training.
    for module, names in (
        (layers, ("_drop", "_drop_gradient")),
        (replicated_norm, ("_scaled", "_gradient")),
    ):
        for name in names:
            setattr(module, name, getattr(module, name).python_function)
    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, devices)
    found = {}
    for strategy in (
        tf.distribute.get_strategy(),
        tf.distribute.MirroredStrategy(["cpu:0", "cpu:1"]),
    ):
        losses, weights = train(strategy, int(steps), length_pass, precision, optimizer)
        replicas = strategy.num_replicas_in_sync
        found[f"losses_{replicas}"] = losses
        found |= {f"weights_{replicas}_{i}": weight for i, weight in enumerate(weights)}
    np.savez(file, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
