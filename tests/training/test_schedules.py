import io

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.batch_norm import batch_norm_layers, set_momentum, take_statistics
from anatomy_tf.training.loss_reach import random_batch
from anatomy_tf.training.progress import Progress
from anatomy_tf.training.schedules import Schedule


def test_both_rates_fall_exponentially():
    schedule = Schedule(epochs=60)
    assert schedule.learning_rate_at(0) == 1e-3
    assert schedule.learning_rate_at(10) == pytest.approx(1e-3 * 0.95**10)
    assert schedule.momentum_at(0) == pytest.approx(0.1)
    assert schedule.momentum_at(30) == pytest.approx(0.01)
    assert schedule.momentum_at(60) == pytest.approx(0.001)


def test_along_a_cosine_the_rate_falls_to_nothing():
    schedule = Schedule(epochs=40, learning_rate=2e-3, shape="cosine")
    assert schedule.learning_rate_at(0) == 2e-3
    assert schedule.learning_rate_at(20) == pytest.approx(1e-3)
    assert schedule.learning_rate_at(39) < 1e-5


def test_momentum_reaches_every_batch_norm():
    lifter = AnatomyLifter(H36M_17, (3, 3), channels=8)
    assert len(list(batch_norm_layers(lifter))) == 2 + 2 * 2 + 3
    set_momentum(lifter, 0.03)
    assert {float(layer.momentum) for layer in batch_norm_layers(lifter)} == {np.float32(0.03)}


def test_statistics_are_the_mean_over_the_batches():
    lifter = AnatomyLifter(H36M_17, (3, 3), channels=8, dropout=0.0)
    inputs, targets = random_batch(lifter)
    others = {n: tf.sin(3 * v) if v.dtype == tf.float32 else v for n, v in inputs.items()}
    layers = list(batch_norm_layers(lifter))

    def means():
        return [layer.moving_mean.numpy() for layer in layers]

    alone = []
    for batch in (inputs, others):
        take_statistics(lifter, [(batch, targets)])
        alone.append(means())
    take_statistics(lifter, [(inputs, targets), (others, targets)])
    for layer, (first, second) in enumerate(zip(*alone, strict=True)):
        assert np.abs(first - second).max() > 1e-3
        np.testing.assert_allclose(means()[layer], (first + second) / 2, atol=1e-6)
    before = means()
    take_statistics(lifter, [])
    np.testing.assert_array_equal(before, means())


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_says_epoch_step_and_time_left(caplog):
    caplog.set_level("INFO")
    terminal = Terminal()
    for stream in (io.StringIO(), terminal):
        progress = Progress(epochs=2, steps_per_epoch=3, first_step=0, stream=stream)
        for step in range(1, 7):
            progress.update(step, 0.5)
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split(" [")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert [line.split("\x1b[2K")[-1] for line in terminal.getvalue().split("\n")[:-1]] == lines
    assert "step 3/6" in lines[0]
    assert lines[1].endswith("0:00 left")
