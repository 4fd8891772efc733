"""What is spread over replicas is what one replica does with the whole batch."""

import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.data.batches.parts import check_parts, parts_of_batches
from anatomy_tf.errors import InputError
from anatomy_tf.models import random_octets, replicated_norm
from anatomy_tf.models.layers import BatchNorm
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.training.loss_reach import random_batch
from tests.tools.processes import ROOT, run_in

STEPS = 20


@pytest.mark.long
def test_two_devices_train_as_one_does(tmp_path):
    """Losses, weights, moving statistics, dropout and averages. Where a weight has no influence, as
    a bias before a softmax over frames, its gradient is rounding, of which Adam makes steps.
    """
    file = tmp_path / "weights.npz"
    arguments = (STEPS, "exact", "float32", "adam", file)
    code, _, errors = run_in(ROOT, "../tests/training/two_replicas", arguments)
    assert (code, errors) == (0, [])
    with np.load(file) as found:
        one, two = found["losses_1"], found["losses_2"]
        assert two.shape == (STEPS, 2)
        np.testing.assert_array_equal(two[:, 0], two[:, 1])
        np.testing.assert_allclose(one, two[:, :1], rtol=1e-4)
        apart = [
            np.abs(found[f"weights_1_{i}"].astype(float) - found[f"weights_2_{i}"]).max()
            for i in range((len(found.files) - 2) // 2)
        ]
    assert len(apart) > 50
    assert sorted(apart)[-6] < 5e-5
    assert max(apart) < STEPS * 1e-3


def split(monkeypatch, module, replicas: int, index: int):
    monkeypatch.setattr(module, "replica_count", lambda: replicas)
    if hasattr(module, "replica_index"):
        monkeypatch.setattr(module, "replica_index", lambda: tf.constant(index))


@pytest.mark.parametrize("size", [16, 37, 3, 64])
def test_octets_of_the_parts_are_those_of_the_whole(size, monkeypatch):
    seed = tf.constant([3, 5])
    whole = random_octets.random_octets(3 * size, seed)
    parts = []
    for index in range(3):
        split(monkeypatch, random_octets, 3, index)
        parts.append(random_octets.random_octets(tf.constant(size), seed))
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_statistics_far_from_0_lose_nothing(monkeypatch):
    """With one replica's rows as the rows of two that have the same."""
    rng = np.random.default_rng(0)
    rows = tf.constant(rng.normal(100, 0.1, size=(50, 4)).astype(np.float32))
    monkeypatch.setattr(replicated_norm, "replica_count", lambda: 2)
    monkeypatch.setattr(replicated_norm, "sum_over_replicas", lambda x: 2 * x)
    guess = tf.fill([4], 99.9)
    ones, zeros = tf.ones(4), tf.zeros(4)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(rows)
        outputs, mean, variance = replicated_norm.normalise_over_replicas(
            rows, ones, zeros, guess, 1e-5
        )
        expected = BatchNorm(4)(rows, training=True)
        losses = [tf.reduce_sum(x**3) for x in (outputs, expected)]
    both = np.concatenate([rows, rows]).astype(float)
    np.testing.assert_allclose(mean, both.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(variance, both.var(axis=0, ddof=1), rtol=1e-3)
    np.testing.assert_allclose(outputs, expected, atol=2e-3)
    gradients = [tape.gradient(loss, rows).numpy() for loss in losses]
    np.testing.assert_allclose(*gradients, atol=1e-2 * np.abs(gradients[1]).max())


def test_every_example_is_in_one_part():
    lifter = AnatomyLifter(filter_widths=(3, 3), channels=4)
    inputs, targets = random_batch(lifter)
    dataset = tf.data.Dataset.from_tensors((inputs, targets)).repeat()
    joined = []
    for first in (0, 2):
        parts = iter(parts_of_batches(dataset, 4, 4, first, 2))
        for _ in range(2):
            own, own_targets = next(parts)
            assert own["sample_of"].numpy().tolist() == [0]
            joined.append((own["keypoints"], own_targets["joints"]))
    for position, whole in enumerate((inputs["keypoints"], targets["joints"])):
        np.testing.assert_array_equal(np.concatenate([x[position] for x in joined]), whole)


def test_batches_that_cannot_be_split():
    check_parts(12, shared=False, replicas=3)
    check_parts(13, shared=True, replicas=1)
    with pytest.raises(InputError, match="13 examples cannot be split evenly over 2 replicas"):
        check_parts(13, shared=False, replicas=2)
    with pytest.raises(InputError, match="on 2 replicas cannot share their sampled frames"):
        check_parts(12, shared=True, replicas=2)
