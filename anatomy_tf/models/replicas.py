"""What layers and training steps need to know of the other replicas of a `tf.distribute` strategy.

A step runs in every replica on an equal part of the batch, and the parts stand in the order of the
replicas. Without a strategy there is one replica, and all of this costs nothing.
"""

from __future__ import annotations

import tensorflow as tf


def replica_count() -> int:
    """How many replicas take part in the step that runs."""
    context = tf.distribute.get_replica_context()
    return context.num_replicas_in_sync if context else 1


def replica_index():
    """Which of them this one is, the first being 0."""
    context = tf.distribute.get_replica_context()
    return context.replica_id_in_sync_group if context else 0


def sum_over_replicas(values):
    """A tensor, or a list of them, added up over the replicas; gradients are added up likewise."""
    if replica_count() == 1:
        return values
    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.SUM, values)


def assign_add(variable, value) -> None:
    """Adds to this replica's copy of a variable; all replicas add the same."""
    value = tf.cast(value, variable.dtype)
    tf.raw_ops.AssignAddVariableOp(resource=variable.handle, value=value)


def assign(variable, value) -> None:
    """Sets this replica's copy of a variable; all replicas set the same."""
    value = tf.cast(value, variable.dtype)
    tf.raw_ops.AssignVariableOp(resource=variable.handle, value=value)


def copies(variable: tf.Variable) -> tuple[tf.Variable, ...]:
    """The variables of the replicas of this process behind one that is mirrored."""
    return tf.distribute.get_strategy().experimental_local_results(variable)
