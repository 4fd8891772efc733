"""The optimizers by name: the published one, and what can stand in its place."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.installation import install_hint
from anatomy_tf.models.replicas import copies
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.training.choices import OPTIMIZERS, OPTIMIZERS_OF_ADDONS


@dataclasses.dataclass(frozen=True)
class OptimizerChoice:
    """Which optimizer trains, and what is done to gradients and weights around it.

    Args:
      name: of `OPTIMIZERS`.
      weight_decay: share of every weight, times the learning rate, that a step takes off, as in
        Keras' AdamW; None is 0.01 for `adamw` and 0 for the others.
      clip_norm: largest norm of all gradients together, above which they are scaled; None: none.
    """

    name: str = "adam"
    weight_decay: float | None = None
    clip_norm: float | None = None

    @property
    def decay(self) -> float:
        """The weight decay, chosen or by default."""
        if self.weight_decay is None:
            return 0.01 if self.name == "adamw" else 0.0
        return self.weight_decay


PUBLISHED = OptimizerChoice()


class AmsgradAdam(keras.optimizers.Adam):
    """The published optimizer: Adam with amsgrad and epsilon 1e-8.

    Keras' own, but for one operation a variable in place of thirty, which take most of the time
    that a training step needs to be traced and compiled. What it computes is the same with Keras'
    betas rounded to float32. XLA does not know that operation: for it, set `fused` to False.
    """

    def __init__(self, learning_rate: float):
        super().__init__(learning_rate, amsgrad=True, epsilon=1e-8)
        self.fused = True

    def build(self, variables):
        super().build(variables)
        slots = (self._momentums, self._velocities, self._velocity_hats)
        tensors = [tensorflow_variables(of_all) for of_all in (variables, *slots)]
        slots_of = {}
        for mirrored in zip(*tensors, strict=True):
            for variable, *of_one in zip(*map(copies, mirrored), strict=True):
                slots_of[variable.ref()] = [slot.handle for slot in of_one]
        self._slots_of = slots_of.__getitem__  # Keras tracks attributes that are dicts

    def update_step(self, gradient, variable, *learning_rate):
        if not self.fused:
            super().update_step(gradient, variable, *learning_rate)
            return
        momentum, velocity, velocity_hat = self._slots_of(variable.ref())
        step = tf.cast(tf.convert_to_tensor(self.iterations) + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdamWithAmsgrad(
            var=variable.handle,
            m=momentum,
            v=velocity,
            vhat=velocity_hat,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.convert_to_tensor(self.learning_rate),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


def check_optimizer(choice: OptimizerChoice) -> None:
    """Raises an InputError where this stack has no such optimizer, or it takes no weight decay."""
    if choice.name not in OPTIMIZERS:
        raise InputError(f"optimizer: must be one of {', '.join(OPTIMIZERS)}, got {choice.name}")
    if choice.name == "adam" and choice.decay:
        raise InputError("weight_decay: adam with decay of the weights is optimizer adamw")
    if _needs_addons(choice.name) and importlib.util.find_spec("tensorflow_addons") is None:
        raise InputError(
            f"optimizer {choice.name} is one of tensorflow-addons: in an environment of its own "
            f"with Python 3.10 or 3.11, {install_hint('addons')}"
        )


def build_optimizer(choice: OptimizerChoice, learning_rate: float, variables: Sequence) -> Any:
    """The optimizer with all that it keeps beside each of the `variables`, so that a checkpoint can
    be restored before the first step.

    Decay and clipping are the training step's, the same for every optimizer.

    Raises:
      InputError: as `check_optimizer`.
    """
    check_optimizer(choice)
    if _needs_addons(choice.name):
        from anatomy_tf.training.addons import build_addons_optimizer

        return build_addons_optimizer(choice.name, learning_rate, variables)
    if choice.name == "lamb":
        optimizer = keras.optimizers.Lamb(learning_rate)
    else:
        optimizer = AmsgradAdam(learning_rate)
    optimizer._all_reduce_sum_gradients = list  # the step adds them up before it clips them
    optimizer.build(variables)
    return optimizer


def apply_gradients(optimizer: Any, gradients: Sequence, variables: Sequence) -> None:
    """One step of an optimizer with gradients that are added up over all replicas already."""
    pairs = list(zip(gradients, variables, strict=True))
    if hasattr(optimizer, "aggregate_gradients"):  # of Keras 2
        optimizer.apply_gradients(pairs, skip_gradients_aggregation=True)
    elif isinstance(optimizer, keras.optimizers.Optimizer):
        optimizer.apply_gradients(pairs)
    else:
        optimizer.apply_gradients(pairs, experimental_aggregate_gradients=False)


def optimizer_variables(optimizer: Any) -> list[tf.Variable]:
    """All that an optimizer keeps from step to step, for a checkpoint."""
    # Optimizers of Keras 2's old kind, as those of addons are, leave out of `variables` what an
    # inner one keeps.
    old = callable(optimizer.variables) and not isinstance(optimizer.variables, list)
    return tensorflow_variables(optimizer.weights if old else optimizer.variables)


def steps_done(optimizer: Any) -> int:
    """How many steps an optimizer has made."""
    return int(tf.convert_to_tensor(optimizer.iterations))


def _needs_addons(name: str) -> bool:
    return name in OPTIMIZERS_OF_ADDONS or (
        name == "lamb" and not hasattr(keras.optimizers, "Lamb")
    )
