"""The layers that both networks are made of.

They work in the precision of their inputs; weights and statistics are float32.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from anatomy_tf.models.random_octets import random_octets
from anatomy_tf.models.replicas import assign_add, replica_count
from anatomy_tf.models.replicated_norm import normalise_over_replicas


def fan_in_uniform(fan_in: int) -> keras.initializers.Initializer:
    """U(-1/sqrt(fan_in), 1/sqrt(fan_in)), the initial weights and biases of the published model."""
    return keras.initializers.RandomUniform(-(fan_in**-0.5), fan_in**-0.5)


def matrix_product(inputs, kernel):
    """`(..., in)` times `(in, out)`, as one product of two matrices.

    A product that broadcasts over the axes of a rank-4 tensor corrupts memory in TensorFlow 2.21
    with oneDNN.
    """
    in_channels, out_channels = kernel.shape
    flat = tf.reshape(inputs, [-1, in_channels])
    product = tf.linalg.matmul(flat, tf.cast(kernel, inputs.dtype))
    return tf.reshape(product, tf.concat([tf.shape(inputs)[:-1], [out_channels]], axis=0))


class Layer(keras.layers.Layer):
    """A layer with weights and results in float32, whatever the global dtype policy of the program
    that the model is a part of.
    """

    def __init__(self, **kwargs):
        super().__init__(dtype="float32", **kwargs)


class Dense(Layer):
    """`(..., in_channels)` -> `(..., units)`, with the published initial weights."""

    def __init__(self, in_channels: int, units: int, use_bias: bool = True, **kwargs):
        super().__init__(autocast=False, **kwargs)
        initializer = fan_in_uniform(in_channels)
        self.kernel = self.add_weight(
            name="kernel", shape=(in_channels, units), initializer=initializer
        )
        self.bias = None
        if use_bias:
            initializer = fan_in_uniform(in_channels)
            self.bias = self.add_weight(name="bias", shape=(units,), initializer=initializer)
        self.built = True

    def call(self, inputs):
        outputs = matrix_product(inputs, self.kernel)
        return outputs if self.bias is None else outputs + tf.cast(self.bias, outputs.dtype)

    def folded(self, inputs, norm: BatchNorm):
        """What an activation with `norm` makes of this layer's outputs in inference: `(N, in)` ->
        `(N, units)`.

        The batch norm becomes part of kernel and bias, so that many rows are read and written once
        and not five times.
        """
        scale, offset = norm.scale_and_offset()
        if self.bias is not None:
            offset += self.bias * scale
        kernel, offset = (tf.cast(x, inputs.dtype) for x in (self.kernel * scale, offset))
        return tf.nn.relu(tf.nn.bias_add(tf.linalg.matmul(inputs, kernel), offset))


class TemporalConv(Layer):
    """Convolution over time, strided or dilated with the same weights, without bias.

    Args:
      in_channels, filters, width: shape of the kernel.
      fan_in: what the initial weights are scaled by, where the kernel is a part of a larger one.
    """

    def __init__(
        self, in_channels: int, filters: int, width: int, fan_in: int | None = None, **kwargs
    ):
        super().__init__(autocast=False, **kwargs)
        self.width = width
        self.kernel = self.add_weight(
            name="kernel",
            shape=(width, in_channels, filters),
            initializer=fan_in_uniform(fan_in or width * in_channels),
        )
        self.built = True

    def call(self, inputs, dilation: int | None = None, training: bool = False):
        """Without `dilation`: `(..., M * width, in)` -> `(..., M, filters)`, windows side by side.

        With: `(B, T, in)` -> `(B, T - (width - 1) * dilation, filters)`, a window from every frame
        on.
        """
        kernel = tf.cast(self.kernel, inputs.dtype)
        if dilation is not None and not training:
            return tf.nn.conv1d(inputs, kernel, stride=1, padding="VALID", dilations=dilation)
        width, in_channels, filters = kernel.shape
        shape = tf.shape(inputs)
        if dilation is None:
            sizes = [inputs.shape[-2] // width, width * in_channels]
            windows = tf.reshape(inputs, tf.concat([shape[:-2], sizes], axis=0))
        else:  # on a CPU a dilated convolution has no gradient
            frames = shape[1] - (width - 1) * dilation
            taps = [inputs[:, tap * dilation :][:, :frames] for tap in range(width)]
            windows = tf.concat(taps, axis=-1)
        return matrix_product(windows, tf.reshape(kernel, (width * in_channels, filters)))

    def of_constant(self, inputs):
        """`(..., in)` -> `(..., filters)`: the result for a window that repeats one frame."""
        return matrix_product(inputs, tf.reduce_sum(self.kernel, axis=0))


class BatchNorm(Layer):
    """Batch normalisation whose momentum is a variable, so that a schedule takes effect.

    `momentum` is the share of the batch in the moving statistics (PyTorch's sense). Statistics are
    float32, over all axes but the last, and over all replicas; the moving variance is the unbiased
    one.
    """

    epsilon = 1e-5

    def __init__(self, channels: int, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.gamma = self._weight("gamma", channels, "ones")
        self.beta = self._weight("beta", channels, "zeros")
        self.moving_mean = self._weight("moving_mean", channels, "zeros", trainable=False)
        self.moving_variance = self._weight("moving_variance", channels, "ones", trainable=False)
        self.momentum = self.add_weight(
            name="momentum",
            shape=(),
            dtype="float32",
            trainable=False,
            initializer=keras.initializers.Constant(0.1),
        )
        self.built = True

    def _weight(self, name: str, channels: int, initializer: str, trainable: bool = True):
        return self.add_weight(
            name=name,
            shape=(channels,),
            dtype="float32",
            initializer=initializer,
            trainable=trainable,
        )

    def call(self, inputs, training: bool = False):
        if not training:
            scale, offset = self.scale_and_offset()
            return inputs * tf.cast(scale, inputs.dtype) + tf.cast(offset, inputs.dtype)
        rows = tf.reshape(inputs, [-1, inputs.shape[-1]])
        normalise = self._normalised if replica_count() == 1 else self._normalised_together
        outputs, mean, variance = normalise(rows)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            assign_add(moving, self.momentum * (tf.stop_gradient(batch) - moving))
        return tf.reshape(outputs, tf.shape(inputs))

    def _normalised(self, rows):
        """`(N, C)` with mean 0 and variance 1 before scale and offset; and the batch's mean and
        unbiased variance.
        """
        normalised = tf.raw_ops.FusedBatchNormV3(
            x=rows[:, tf.newaxis, tf.newaxis],
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
        )
        outputs = normalised.y[:, 0, 0]
        return outputs, normalised.batch_mean, normalised.batch_variance

    def _normalised_together(self, rows):
        """As `_normalised`, of the rows of all replicas."""
        gamma, beta = tf.convert_to_tensor(self.gamma), tf.convert_to_tensor(self.beta)
        return normalise_over_replicas(
            rows, gamma, beta, tf.convert_to_tensor(self.moving_mean), self.epsilon
        )

    def scale_and_offset(self):
        """What inference multiplies by and adds, each `(C,)`."""
        scale = self.gamma * tf.math.rsqrt(self.moving_variance + self.epsilon)
        return scale, self.beta - self.moving_mean * scale


class ReluDropout(Layer):
    """ReLU, then dropout whose random draws follow from a seed and a counter that checkpoints keep.

    A quarter of a random word decides on a feature, so the rate is rounded to a multiple of 1/256.
    """

    def __init__(self, rate: float, seed: int, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.rate = rate
        self.seed = seed
        self.calls = self.add_weight(
            name="calls", shape=(), dtype="int32", trainable=False, initializer="zeros"
        )
        self.built = True

    def call(self, inputs, training: bool = False):
        if not training or self.rate == 0:
            return tf.nn.relu(inputs)
        seed = tf.stack([tf.constant(self.seed, tf.int32), tf.convert_to_tensor(self.calls)])
        assign_add(self.calls, 1)
        octets = random_octets(tf.size(inputs), seed)
        return _relu_dropout(inputs, tf.reshape(octets, tf.shape(inputs)), round(256 * self.rate))


def _relu_dropout(inputs, octets, threshold: int):
    """Drops where an octet is below the threshold."""

    @tf.custom_gradient
    def drop(inputs):
        outputs = _drop(inputs, octets, threshold)
        return outputs, lambda upstream: _drop_gradient(upstream, outputs, threshold)

    return drop(inputs)


# Compiled, each is one pass over memory instead of four.
@tf.function(jit_compile=True, autograph=False)
def _drop(inputs, octets, threshold: int):
    return tf.where(octets >= threshold, tf.nn.relu(inputs) * (256 / (256 - threshold)), 0)


@tf.function(jit_compile=True, autograph=False)
def _drop_gradient(upstream, outputs, threshold: int):
    return tf.where(outputs > 0, upstream * (256 / (256 - threshold)), 0)


class Activation(Layer):
    """What follows every hidden convolution and dense layer: batch norm, ReLU, dropout."""

    def __init__(self, channels: int, dropout: float, seed: int, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.norm = BatchNorm(channels)
        self.dropout = ReluDropout(dropout, seed)
        self.built = True

    def call(self, inputs, training: bool = False):
        return self.dropout(self.norm(inputs, training=training), training=training)


class RepeatEnds(Layer):
    """Repeats the first and the last frame: `(B, T, ...)` -> `(B, before + T + after, ...)`."""

    def __init__(self, before: int, after: int, **kwargs):
        super().__init__(**kwargs)
        self.before = before
        self.after = after
        self.built = True

    def call(self, inputs):
        count = tf.shape(inputs)[1]
        frames = tf.range(-self.before, count + self.after)
        return tf.gather(inputs, tf.clip_by_value(frames, 0, count - 1), axis=1)

    def compute_output_shape(self, input_shape):
        batch, frames, *rest = input_shape
        return batch, frames and self.before + frames + self.after, *rest
