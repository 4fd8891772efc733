"""What every data source has to be good for."""

from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.clip import Clip


def train_two_steps(clips: Sequence[Clip]) -> None:
    """Trains a tiny model; its losses are finite and its weights move."""
    # Here, because who only writes small files of these sources does not need them.
    import tensorflow as tf

    from anatomy_tf.data.batches.frame_table import build_frame_table
    from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
    from anatomy_tf.models.lifter import AnatomyLifter
    from anatomy_tf.training.choices import LOSS_WEIGHTS
    from anatomy_tf.training.trainer import build_trainer

    table = build_frame_table(clips)
    lifter = AnatomyLifter(table.skeleton, filter_widths=(3, 3), channels=4)
    trainer = build_trainer(lifter, LOSS_WEIGHTS["released"])
    before = [np.array(weight) for weight in lifter.training_variables()]
    sampling = Sampling(sampled_frames=4, batch_size=8)
    dataset = training_dataset(table, sampling, lifter.receptive_field, lifter.causal)
    tf.config.run_functions_eagerly(True)  # two steps do not pay for compilation
    try:
        for batch in dataset.take(2):
            losses = trainer.train_step(batch)
            assert all(np.isfinite(value) for value in losses.values())
    finally:
        tf.config.run_functions_eagerly(False)
    after = lifter.training_variables()
    assert any((old != np.array(new)).any() for old, new in zip(before, after, strict=True))
