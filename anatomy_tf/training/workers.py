"""Who trains: one process or several, on one device or many; the same loop for all of them."""

from __future__ import annotations

import atexit
import contextlib
import logging
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from anatomy_tf.errors import InputError
from anatomy_tf.models.replicas import assign, replica_index, sum_over_replicas
from anatomy_tf.models.weights import tensorflow_variables
from anatomy_tf.training.choices import STRATEGIES
from anatomy_tf.training.cluster import check_no_cluster, read_cluster
from anatomy_tf.training.meeting import Meeting
from anatomy_tf.version import __version__

LOG = logging.getLogger(__name__)
_SECONDS_TO_END = 60


class Workers:
    """The processes of a training, as one of them sees them.

    Attributes:
      strategy: of TensorFlow; models are made and steps run in it.
      is_chief: this process writes what the run leaves, and evaluates.
    """

    def __init__(self, strategy: tf.distribute.Strategy, meeting: Meeting | None = None):
        self.strategy = strategy
        self.is_chief = meeting is None or meeting.cluster.index == 0
        self._meeting = meeting

    @property
    def replicas(self) -> int:
        """Devices that train, of all processes together."""
        return self.strategy.num_replicas_in_sync

    def chief_does(self, work: Callable, *arguments: Any) -> Any:
        """What `work` gives, which JSON can hold, on all workers; the chief does it, the others
        wait.
        """
        done = work(*arguments) if self.is_chief else None
        return self._meeting.exchange(done)[0] if self._meeting else done

    def agree(self, name: str, value: Any) -> None:
        """Raises an InputError on every worker where one has another value than the chief."""
        if self._meeting:
            check_agreement(name, self._meeting.exchange(value), self._meeting.cluster.name)

    def share_variables(self, variables: Sequence) -> None:
        """Gives all workers the chief's values of `variables`."""
        if self._meeting is None:
            return
        mirrored = tensorflow_variables(variables)

        def take() -> None:
            for variable in mirrored:
                value = tf.convert_to_tensor(variable)
                # Whole numbers are not added up on GPUs; all of these are exact in float64.
                value = value if value.dtype.is_floating else tf.cast(value, tf.float64)
                own = tf.where(replica_index() == 0, value, tf.zeros_like(value))
                assign(variable, sum_over_replicas(own))

        tf.function(lambda: self.strategy.run(take), autograph=False)()


ALONE = Workers(tf.distribute.get_strategy())


@contextlib.contextmanager
def open_workers(strategy: str, flags: str, wait_seconds: float) -> Iterator[Workers]:
    """The workers of a training, once all of them are there and have the same `flags`.

    What fails in one of them within the block, ends them all with one line.

    Args:
      strategy: of `STRATEGIES`.
      flags: a line each.
      wait_seconds: how long to wait for the others.

    Raises:
      InputError: no such strategy; `TF_CONFIG` cannot be used; or the workers do not come, or
        differ in flags, versions or number of devices.
    """
    if strategy not in STRATEGIES:
        raise InputError(f"strategy: must be one of {', '.join(STRATEGIES)}, got {strategy}")
    if strategy != "multi_worker":
        check_no_cluster(strategy)
        yield Workers(tf.distribute.get_strategy() if strategy == "none" else _mirrored())
        return
    meeting = Meeting(read_cluster(), wait_seconds)
    if hasattr(signal, "alarm"):
        # TensorFlow may wait for a worker that is gone until the end of time, at its own end too.
        atexit.register(signal.alarm, _SECONDS_TO_END)
    workers = Workers(tf.distribute.get_strategy(), meeting)
    try:
        for name, value in {
            "version": versions(),
            "flags": flags,
            "GPUs": len(tf.config.list_physical_devices("GPU")),
        }.items():
            workers.agree(name, value)
        workers = Workers(tf.distribute.MultiWorkerMirroredStrategy(), meeting)
        workers.strategy.extended._check_health_interval = 2
        LOG.info(
            "%s of %d; %d replicas",
            *(meeting.cluster.name(meeting.cluster.index), len(meeting.cluster.addresses)),
            workers.replicas,
        )
        yield workers
        meeting.exchange("done", last=True)
    except tf.errors.OpError as error:
        raise meeting.reason(error) from error
    except BaseException as error:
        meeting.fail(error)
        raise
    finally:
        # At its end, TensorFlow would wait for this thread, which sleeps for up to half a minute.
        workers.strategy.extended._check_health_thread = None
        meeting.close()


def check_agreement(name: str, values: Sequence, worker: Any) -> None:
    """Raises an InputError that names the first of the `values` that is not the chief's.

    Args:
      worker: gives the name of a worker by its index.
    """
    for index, value in enumerate(values):
        if value == values[0]:
            continue
        theirs, ours = value, values[0]
        if isinstance(value, str) and isinstance(ours, str):
            theirs, ours = ("".join(_only(x, y)) for x, y in ((value, ours), (ours, value)))
        elif isinstance(value, Mapping):
            differing = next(key for key in ours if ours[key] != value.get(key))
            theirs, ours = (f"{differing} {x.get(differing)}" for x in (value, ours))
        raise InputError(
            f"{worker(index)} has another {name} than the chief: {theirs or 'none'}, "
            f"where the chief has {ours or 'none'}"
        )


def _only(text: str, other: str) -> list[str]:
    """The first line of a text that another does not have."""
    return [line for line in text.splitlines() if line not in other.splitlines()][:1]


def versions() -> dict[str, str]:
    """Of what has to be the same on all workers."""
    return {"anatomy_tf": __version__, "tensorflow": tf.__version__, "keras": keras.__version__}


def _mirrored() -> tf.distribute.Strategy:
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    strategy = tf.distribute.MirroredStrategy([device.name for device in devices])
    LOG.info("training on %d devices: %s", len(devices), ", ".join(d.name for d in devices))
    return strategy
