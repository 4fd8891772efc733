import io

import numpy as np
import pytest

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.batch_norm import batch_norm_layers, set_momentum, take_statistics
from anatomy_tf.training.progress import Progress
from anatomy_tf.training.schedules import Schedule
from tests.training.test_losses import random_batch


def test_both_rates_fall_exponentially():
    schedule = Schedule(epochs=60)
    assert schedule.learning_rate_at(0) == 1e-3
    assert schedule.learning_rate_at(10) == pytest.approx(1e-3 * 0.95**10)
    assert schedule.momentum_at(0) == pytest.approx(0.1)
    assert schedule.momentum_at(30) == pytest.approx(0.01)
    assert schedule.momentum_at(60) == pytest.approx(0.001)


def test_momentum_reaches_every_batch_norm():
    lifter = AnatomyLifter(H36M_17, (3, 3), channels=8)
    assert len(list(batch_norm_layers(lifter))) == 2 + 2 * 2 + 3
    set_momentum(lifter, 0.03)
    assert {float(layer.momentum) for layer in batch_norm_layers(lifter)} == {np.float32(0.03)}


def test_statistics_are_the_mean_over_the_batches():
    lifter = AnatomyLifter(H36M_17, (3, 3), channels=8, dropout=0.0)
    inputs, targets = random_batch(9)
    doubled = {name: 2 * values for name, values in inputs.items()}
    layer = lifter.direction_network.stem.keypoint_activation.norm
    means = []
    for batch in (inputs, doubled):
        take_statistics(lifter, [(batch, targets)])
        means.append(layer.moving_mean.numpy())
    take_statistics(lifter, [(inputs, targets), (doubled, targets)])
    np.testing.assert_allclose(layer.moving_mean, np.mean(means, axis=0), atol=1e-6)
    take_statistics(lifter, [])
    np.testing.assert_allclose(layer.moving_mean, np.mean(means, axis=0), atol=1e-6)


def test_progress_says_epoch_step_and_time_left():
    stream = io.StringIO()
    progress = Progress(epochs=2, steps_per_epoch=3, first_step=0, stream=stream)
    for step in range(1, 7):
        progress.update(step, 0.5)
    lines = stream.getvalue().splitlines()
    assert [line.split(" [")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert "step 3/6" in lines[0]
    assert lines[1].endswith("0:00 left")
