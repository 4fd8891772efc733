"""The networks."""

from anatomy_tf.keras_backend import check_backend

check_backend()
