"""Which workers train together, as `TF_CONFIG` tells every one of them."""

from __future__ import annotations

import dataclasses
import json
import os
import re

from anatomy_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The workers of a training.

    Attributes:
      addresses: `host:port` of each; the first is the chief.
      index: which of them this one is.
    """

    addresses: tuple[str, ...]
    index: int

    def name(self, index: int) -> str:
        """What messages call a worker."""
        return f"worker {index} ({self.addresses[index]})"

    def place(self, index: int) -> tuple[str, int]:
        """Host and port of a worker."""
        host, port = self.addresses[index].rsplit(":", 1)
        return host.strip("[]"), int(port)


def read_cluster() -> Cluster:
    """The cluster in the environment's `TF_CONFIG`.

    Raises:
      InputError: there is none, or it does not say which workers there are and which this one is.
    """
    config = _config()
    if config is None:
        raise InputError(
            "strategy multi_worker: the environment has no TF_CONFIG, which names the workers"
        )
    cluster, task = config.get("cluster"), config.get("task")
    if not isinstance(cluster, dict) or not isinstance(task, dict):
        raise InputError('TF_CONFIG: it needs a "cluster" and a "task"')
    others = sorted(set(cluster) - {"chief", "worker"})
    if others:
        raise InputError(f"TF_CONFIG: only workers train, and no {others[0]}")
    addresses = []
    for kind in ("chief", "worker"):
        of_kind = cluster.get(kind, [])
        if not isinstance(of_kind, list):
            raise InputError(f'TF_CONFIG: "{kind}" of the cluster must be a list')
        addresses += of_kind
    for address in addresses:
        found = isinstance(address, str) and re.fullmatch(r".+:(\d{1,5})", address)
        if not found or int(found[1]) > 65535:
            raise InputError(f"TF_CONFIG: {address!r} is not host:port")
    if len(set(addresses)) < len(addresses):
        raise InputError("TF_CONFIG: two workers have the same address")
    own, index = task.get("type"), task.get("index")
    if own not in list(cluster) or not isinstance(index, int) or not 0 <= index < len(cluster[own]):
        raise InputError(f"TF_CONFIG: the cluster has no {own} {index}, which this task is to be")
    before = len(cluster.get("chief", [])) if own == "worker" else 0
    return Cluster(tuple(addresses), before + index)


def check_no_cluster(strategy: str) -> None:
    """Refuses to train alone in one of several workers, who would all write the same files."""
    config = _config()
    cluster = config.get("cluster") if config else None
    if isinstance(cluster, dict):
        workers = sum(len(x) for x in cluster.values() if isinstance(x, list))
        if workers > 1:
            raise InputError(
                f"TF_CONFIG names {workers} workers, but strategy {strategy} trains alone: "
                "take multi_worker, or unset TF_CONFIG"
            )


def _config() -> dict | None:
    text = os.environ.get("TF_CONFIG")
    if not text:
        return None
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"TF_CONFIG: not JSON ({error})") from error
    if not isinstance(config, dict):
        raise InputError("TF_CONFIG: not a JSON object")
    return config
