import ctypes
import gc

import keras

from anatomy_tf.data.batches.frame_table import build_frame_table
from anatomy_tf.data.batches.pipeline import Sampling
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.choices import LOSS_WEIGHTS
from anatomy_tf.training.loop import train
from anatomy_tf.training.schedules import Schedule

FIRST, LAST = 60, 300
MOST_BYTES = 400
"""Of a step. A number of Python's that TensorFlow keeps has 650, and a step has several."""


class Mallinfo2(ctypes.Structure):
    """What the C library says of its heap."""

    _fields_ = [(f"field_{i}", ctypes.c_size_t) for i in range(10)]

    def in_use(self) -> int:
        return self.field_4 + self.field_7  # hblkhd and uordblks


def bytes_in_use() -> int:
    gc.collect()
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = Mallinfo2
    return mallinfo2().in_use()


class Watch(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.used = {}

    def on_train_batch_end(self, batch, logs=None):
        if batch in (FIRST, LAST):
            self.used[batch] = bytes_in_use()


def test_steps_leave_nothing_in_memory(cmu_test_clips, tmp_path):
    """Nor do their times, rates and losses, of which TensorFlow would keep every number."""
    watch = Watch()
    train(
        AnatomyLifter(H36M_17, filter_widths=(3, 3), channels=8, sub_networks=1),
        build_frame_table(cmu_test_clips[:4]),
        Sampling(sampled_frames=2, batch_size=4, steps_per_epoch=LAST + 1),
        Schedule(epochs=1, statistics_batches=0),
        LOSS_WEIGHTS["released"],
        tmp_path,
        callbacks=[watch],
    )
    assert watch.used[LAST] - watch.used[FIRST] < MOST_BYTES * (LAST - FIRST)
