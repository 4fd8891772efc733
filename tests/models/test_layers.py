import numpy as np
import pytest
import tensorflow as tf

from anatomy_tf.models.layers import BatchNorm, Dense, ReluDropout, RepeatEnds, TemporalConv


@pytest.mark.parametrize("shape", [(7, 5), (2, 7, 5), (2, 3, 7, 5), (13, 1, 3, 5)])
def test_dense_is_a_product_along_the_last_axis(shape):
    layer = Dense(5, 4)
    inputs = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    np.testing.assert_allclose(layer(inputs), inputs @ layer.kernel.numpy() + layer.bias, atol=1e-5)


def test_strided_and_dilated_convolutions_share_their_weights():
    layer = TemporalConv(4, 6, width=3)
    inputs = np.random.default_rng(0).normal(size=(2, 12, 4)).astype(np.float32)
    every_frame = layer(inputs, dilation=1)
    assert every_frame.shape == (2, 10, 6)
    np.testing.assert_allclose(layer(inputs), every_frame[:, ::3], atol=1e-5)
    for dilation in (1, 2):
        in_training = layer(inputs, dilation=dilation, training=True)
        np.testing.assert_allclose(in_training, layer(inputs, dilation=dilation), atol=1e-5)
    apart = layer(inputs[:, ::2], dilation=1)
    np.testing.assert_allclose(layer(inputs, dilation=2)[:, ::2], apart, atol=1e-5)
    constant = np.repeat(inputs[:, :1], 3, axis=1)
    np.testing.assert_allclose(layer.of_constant(inputs[:, 0]), layer(constant)[:, 0], atol=1e-5)


def test_initial_weights_are_uniform_up_to_the_inverse_root_of_the_fan_in():
    weights = np.concatenate([Dense(100, 300).kernel.numpy(), TemporalConv(20, 300, 5).kernel[0]])
    assert np.abs(weights).max() == pytest.approx(0.1, rel=0.01)
    assert weights.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.02)


def test_batch_norm_keeps_unbiased_statistics():
    layer = BatchNorm(3)
    inputs = np.random.default_rng(0).normal(2, 3, size=(4, 5, 3)).astype(np.float32)
    outputs = layer(inputs, training=True).numpy()
    flat = inputs.reshape(-1, 3)
    expected = (inputs - flat.mean(axis=0)) / np.sqrt(flat.var(axis=0) + 1e-5)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean, 0.1 * flat.mean(axis=0), rtol=1e-5)
    variance = 0.9 + 0.1 * flat.var(axis=0, ddof=1)
    np.testing.assert_allclose(layer.moving_variance, variance, rtol=1e-5)


def test_momentum_takes_effect_in_a_compiled_step():
    layer = BatchNorm(1)
    step = tf.function(lambda inputs: layer(inputs, training=True))
    ones = tf.ones((8, 1))
    step(ones)
    assert layer.moving_mean.numpy() == pytest.approx(0.1)
    layer.momentum.assign(0.5)
    step(ones)
    assert layer.moving_mean.numpy() == pytest.approx(0.55)


def test_batch_norm_gradient():
    """Against the gradient of the same formula in plain operations."""
    layer = BatchNorm(3)
    inputs = tf.constant(np.random.default_rng(0).normal(size=(16, 3)), tf.float32)
    weights = tf.constant(np.random.default_rng(1).normal(size=(16, 3)), tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        mean, variance = tf.nn.moments(inputs, 0)
        plain = tf.reduce_sum(weights * (inputs - mean) * tf.math.rsqrt(variance + 1e-5))
        layers = tf.reduce_sum(weights * layer(inputs, training=True))
    np.testing.assert_allclose(
        tape.gradient(layers, inputs), tape.gradient(plain, inputs), atol=1e-5
    )


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.25, 0.5])
def test_dropout_drops_its_share_and_keeps_the_mean(rate):
    outputs = ReluDropout(rate, seed=3)(tf.ones((1000, 101)), training=True).numpy()
    assert (outputs == 0).mean() == pytest.approx(rate, abs=0.01)
    assert outputs.mean() == pytest.approx(1, abs=0.02)


def test_dropout_follows_from_seed_and_calls():
    ones = tf.ones((10, 10))
    first, second = ReluDropout(0.5, seed=3), ReluDropout(0.5, seed=3)
    draws = [first(ones, training=True).numpy() for _ in range(3)]
    assert not np.array_equal(draws[0], draws[1])
    second.calls.assign(2)
    np.testing.assert_array_equal(second(ones, training=True), draws[2])
    np.testing.assert_array_equal(first(ones), ones)


def test_ends_are_repeated():
    frames = tf.reshape(tf.range(3.0), (1, 3, 1))
    np.testing.assert_array_equal(tf.reshape(RepeatEnds(2, 1)(frames), [-1]), [0, 0, 0, 1, 2, 2])
