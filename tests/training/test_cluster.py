"""Workers read TF_CONFIG, meet, compare what they are about to do, and hear when one fails."""

import json
import socket
import threading
import time

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.training import meeting
from anatomy_tf.training.cluster import Cluster, check_no_cluster, read_cluster
from anatomy_tf.training.meeting import Meeting
from anatomy_tf.training.workers import check_agreement, open_workers

TWO = {"worker": ["a:1", "b:2"]}


def configure(monkeypatch, cluster, kind="worker", index=0):
    config = {"cluster": cluster, "task": {"type": kind, "index": index}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))


def test_the_first_worker_is_the_chief(monkeypatch):
    configure(monkeypatch, TWO, index=1)
    assert read_cluster() == Cluster(("a:1", "b:2"), 1)
    configure(monkeypatch, {"chief": ["c:3"], **TWO}, index=1)
    assert read_cluster() == Cluster(("c:3", "a:1", "b:2"), 2)
    configure(monkeypatch, {"worker": ["[::1]:5"]})
    assert read_cluster().place(0) == ("::1", 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the environment has no TF_CONFIG"),
        ("{cluster", "TF_CONFIG: not JSON"),
        ("[]", "TF_CONFIG: not a JSON object"),
        ('{"cluster": {}}', 'TF_CONFIG: it needs a "cluster" and a "task"'),
        (
            '{"cluster": {"ps": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
            "TF_CONFIG: only workers train, and no ps",
        ),
        ('{"cluster": {"worker": "a:1"}, "task": {}}', '"worker" of the cluster must be a list'),
        ('{"cluster": {"worker": ["a"]}, "task": {}}', "TF_CONFIG: 'a' is not host:port"),
        ('{"cluster": {"worker": ["a:65536"]}, "task": {}}', "'a:65536' is not host:port"),
        (
            '{"cluster": {"worker": ["a:1", "a:1"]}, "task": {"type": "worker", "index": 0}}',
            "two workers have the same address",
        ),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
            "TF_CONFIG: the cluster has no worker 1, which this task is to be",
        ),
    ],
)
def test_what_cannot_be_a_cluster(text, message, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InputError, match=message), open_workers("multi_worker", "", 1):
        pass


def test_nobody_trains_alone_among_several(monkeypatch):
    configure(monkeypatch, TWO)
    with pytest.raises(InputError, match="TF_CONFIG names 2 workers, but strategy none trains al"):
        check_no_cluster("none")
    configure(monkeypatch, {"worker": ["a:1"]})
    check_no_cluster("mirrored")
    strategies = "strategy: must be one of none, mirrored, multi_worker"
    with pytest.raises(InputError, match=strategies), open_workers("parameter_server", "", 1):
        pass


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture
def addresses(monkeypatch):
    monkeypatch.setattr(Meeting, "_end", lambda self: None)  # it would end the tests
    monkeypatch.setattr(meeting, "GRACE_SECONDS", 2)
    return tuple(f"127.0.0.1:{port}" for port in free_ports(3))


def together(addresses, work, wait_seconds=10.0, workers=None) -> list:
    """What `work` gives in a thread for every worker, or the line that it ended with."""
    results: list = [None] * len(addresses)

    def one(index: int) -> None:
        try:
            met = Meeting(Cluster(addresses, index), wait_seconds)
            try:
                results[index] = work(met)
            except BaseException as error:
                met.fail(error)
                raise
            finally:
                met.close()
        except (InputError, KeyboardInterrupt) as error:
            results[index] = str(error)

    indices = range(len(addresses)) if workers is None else workers
    threads = [threading.Thread(target=one, args=(index,)) for index in indices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    return results


def test_all_hear_what_all_say(addresses):
    def work(met):
        return [met.exchange([met.cluster.index, word], word == "b") for word in ("a", "b")]

    values = [[[index, word] for index in range(3)] for word in ("a", "b")]
    assert together(addresses, work) == [values] * 3


def test_one_that_fails_ends_all_with_its_reason(addresses):
    def work(met):
        met.exchange("begin")
        if met.cluster.index == 2:
            raise InputError("there is no data")
        met.exchange("end")

    reason = f"worker 2 ({addresses[2]}): there is no data"
    assert together(addresses, work) == [reason, reason, "there is no data"]


def test_one_that_is_gone_is_named(addresses):
    def work(met):
        met.exchange("begin")
        if met.cluster.index == 1:
            met.close()  # as the system does for a process that is killed
            return "killed"
        return met.exchange("end")

    reason = f"worker 1 ({addresses[1]}) ended before the training did; restart all with --resume"
    assert together(addresses, work) == [reason, "killed", reason]


def test_an_error_of_tensorflow_is_put_down_to_who_caused_it(addresses):
    def work(met):
        if met.cluster.index == 1:
            raise KeyboardInterrupt
        raise met.reason(RuntimeError("Connection reset by peer"))

    reason = f"worker 1 ({addresses[1]}) was interrupted; restart all with --resume"
    assert together(addresses, work) == [reason, "", reason]


def test_who_does_not_come_is_named(addresses):
    found = together(addresses, lambda met: met.exchange(0), 0.9, workers=(0, 2))
    missing = f"worker 1 ({addresses[1]}) did not come within 1 s"
    assert found[0] == missing
    assert missing in found[2]
    lost = together(addresses, lambda met: met.exchange(0), 0.1, workers=(1,))[1]
    assert lost.startswith(f"the chief, worker 0 ({addresses[0]}), did not answer within")


def test_a_port_that_is_taken_is_told_to_all(addresses):
    with socket.create_server(("", int(addresses[2].split(":")[1]))):
        found = together(addresses, lambda met: met.exchange(0))
    told = f"worker 2 ({addresses[2]}): its port cannot be had"
    assert [told in line for line in found] == [True] * 3, found


def test_who_fails_as_well_goes_only_when_all_are_told(addresses, monkeypatch):
    send = Meeting._send

    def send_slowly(self, index, message):
        time.sleep(0.1 if "failed" in message else 0)
        send(self, index, message)

    def work(met):
        if met.cluster.index == 0:
            failing = threading.Thread(target=met.fail, args=(InputError("there is no data"),))
            failing.start()
            time.sleep(0.05)
            raise InputError("and more")
        met.exchange(0)

    monkeypatch.setattr(Meeting, "_send", send_slowly)
    reason = f"worker 0 ({addresses[0]}): there is no data"
    assert together(addresses, work)[1:] == [reason, reason]


def test_another_cluster_is_refused(addresses):
    def one(index: int) -> None:
        seen = (addresses[0], f"127.0.0.1:{7 + index}") if index else addresses
        try:
            Meeting(Cluster(seen, index), 0.5).close()
        except InputError as error:
            found[index] = str(error)

    found: dict[int, str] = {}
    threads = [threading.Thread(target=one, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert "worker 1 has another cluster in its TF_CONFIG than the chief" in found[0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["--a=1\n--b=2\n", "--a=1\n--b=3\n"], "flags than the chief: --b=3, where .* has --b=2"),
        (["--a=1\n", "--a=1\n--b=3\n"], "flags than the chief: --b=3, where the chief has none"),
        ([{"keras": "3.1"}, {"keras": "3.2"}], "chief: keras 3.2, where the chief has keras 3.1"),
        ([1, 2], "than the chief: 2, where the chief has 1"),
    ],
)
def test_differences_are_named(values, message):
    check_agreement("flags", [values[0], values[0]], str)
    with pytest.raises(InputError, match=f"2 has another .*{message}"):
        check_agreement("flags", [values[0], *values], str)
