"""Several processes on this machine train one model: as one process alone does, and again after one
of them was killed.
"""

import json
import pathlib
import re
import signal

import numpy as np
import pytest

from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.models.weights import tensorflow_variables
from tests.tools.processes import ROOT, in_parallel, run_in
from tests.training.test_cluster import free_ports

# The model that is compiled soonest. What else there is in a step, test_replicas.py splits.
FLAGS = (
    *("--filter_widths=3,3", "--channels=4", "--sub_networks=1", "--assembly=joints"),
    *("--nojoint_shifts", "--visibility=none", "--sampled_frames=4", "--batch_size=12"),
    *("--steps_per_epoch=4", "--epochs=3", "--statistics_batches=2"),
)


def train(data_dir, output_dir, workers: int, flags=(), of_worker=None, dies=None) -> dict:
    """Exit code, output and lines of errors of every worker by its index."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(workers)]
    flags = (*FLAGS, f"--data_dir={data_dir}", f"--output_dir={output_dir}", *flags)

    def one(index: int):
        task = {"type": "worker", "index": index}
        config = {"cluster": {"worker": addresses}, "task": task}
        environment = {"TF_CONFIG": json.dumps(config), "DIES_AT": (dies or {}).get(index, "")}
        tool = "../tests/tools/dying_training" if dies else "train"
        own = (of_worker or {}).get(index, ())
        return run_in(
            *(ROOT, tool, (*flags, "--strategy=multi_worker", "--wait_seconds=100", *own)),
            environment=environment,
        )

    return in_parallel(one, range(workers), threads=workers)


def weights(folder: pathlib.Path) -> list[np.ndarray]:
    return [v.numpy() for v in tensorflow_variables(load_lifter(folder).training_weights())]


@pytest.fixture(scope="module")
def three(data_dir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("three") / "run"
    return folder, train(data_dir, folder, 3)


@pytest.mark.long
def test_three_workers_train_as_one_process_does(three, data_dir, tmp_path):
    folder, done = three
    assert [(code, errors) for code, _, errors in done.values()] == [(0, [])] * 3
    alone = tmp_path / "alone"
    code, _, errors = run_in(
        *(ROOT, "train", [*FLAGS, f"--data_dir={data_dir}", f"--output_dir={alone}"])
    )
    assert (code, errors) == (0, [])
    for one, other in zip(weights(alone), weights(folder), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)
    reports = [json.loads((f / "metrics.json").read_text()) for f in (alone, folder)]
    assert reports[1]["mpjpe_mm"] == pytest.approx(reports[0]["mpjpe_mm"], abs=0.01)
    assert [report["run"]["replicas"] for report in reports] == [1, 3]
    names = [{path.name for path in f.iterdir()} for f in (alone, folder)]
    assert names[0] == names[1]
    assert len(list((folder / "tensorboard").iterdir())) == 1  # the chief's


@pytest.mark.long
def test_only_the_chief_reports(three):
    _, done = three
    assert ["MPJPE" in out for _, out, _ in done.values()] == [True, False, False]
    assert [bool(re.search(r"^epoch 3/3 ", out, re.M)) for _, out, _ in done.values()] == [
        *(True, False, False)
    ]


@pytest.mark.long
def test_after_a_worker_was_killed_all_go_on_exactly(three, data_dir, tmp_path):
    folder = tmp_path / "killed"
    done = train(data_dir, folder, 3, dies={2: "7"})
    assert done[2][0] == -signal.SIGKILL
    for index in (0, 1):
        code, _, errors = done[index]
        assert code not in (0, -signal.SIGKILL)
        assert len(errors) == 1, errors
        assert re.search(r"worker 2 \(.*\) ended before .*; restart all with --resume", errors[0])
    assert not (folder / "model.keras").exists()
    done = train(data_dir, folder, 3, flags=["--resume"])
    assert [(code, errors) for code, _, errors in done.values()] == [(0, [])] * 3
    for one, other in zip(weights(folder), weights(three[0]), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("flags", "of_worker", "message"),
    [
        ([], {1: ["--channels=8"]}, r"worker 1 \(.*\) has another flags than .*: --channels=8, wh"),
        (["--batch_size=13"], {}, "batch_size: 13 examples cannot be split evenly over 2 replicas"),
    ],
)
def test_what_cannot_train_together_is_refused(flags, of_worker, message, data_dir, tmp_path):
    done = train(data_dir, tmp_path / "run", 2, flags, of_worker)
    for code, _, errors in done.values():
        assert code == 1
        assert len(errors) == 1, errors
        assert re.search(message, errors[0])
    assert not (tmp_path / "run").exists()
