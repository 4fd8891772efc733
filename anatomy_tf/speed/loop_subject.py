"""What the training loop adds to a step that computes next to nothing."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.pipeline import Sampling, training_dataset
from anatomy_tf.data.clip import Clip
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.speed.subjects import Subject
from anatomy_tf.speed.timing import Way
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.curves import SUMMARY_STEPS
from anatomy_tf.training.trainer import build_trainer
from anatomy_tf.training.unread_steps import Step, UnreadSteps


def loop_subject(clips: Sequence[Clip]) -> Subject:
    """Steps with their data, whose losses are read one by one, at once, or many together."""
    lifter = AnatomyLifter(
        filter_widths=(3, 3), channels=4, sub_networks=1, assembly="joints", joint_shifts=False
    )
    trainer = build_trainer(lifter, LOSS_WEIGHTS["released"])
    sampling = Sampling(sampled_frames=0, augmentation_degree=0, batch_size=2)
    batches = iter(training_dataset(build_frame_table(clips), sampling, 9, causal=False))
    train_step = tf.function(trainer.train_step, autograph=False)

    def one_by_one() -> int:
        for value in train_step(next(batches)).values():
            float(value)
        return 1

    def together(steps: int) -> Way:
        def take() -> int:
            unread = UnreadSteps()
            for number in range(steps):
                unread.add(Step(number, False, {}, train_step(next(batches))))
            list(unread.read())
            return steps

        return take

    ways = {
        "every loss": one_by_one,
        "losses of a step": together(1),
        f"of {SUMMARY_STEPS} steps": together(SUMMARY_STEPS),
    }
    title = "the loop around steps of 2 examples, 4 channels"
    return Subject(title, "steps/s", ways, peer="every loss")
