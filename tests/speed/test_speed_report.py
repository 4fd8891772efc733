import json

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.speed import timing
from anatomy_tf.speed.speed_report import format_subject, measure, read_history
from anatomy_tf.speed.subjects import PEER, Size, Subject, training_multiplies


class Clock:
    """A clock that only work moves."""

    def __init__(self):
        self.now = 0.0
        self.order = []

    def way(self, name: str, seconds: float, items: int):
        def work() -> int:
            self.order.append(name)
            self.now += seconds
            return items

        return work


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock.now)
    return clock


def test_ways_take_turns_and_ratios_are_those_of_their_rates(clock):
    ways = {"fast": clock.way("fast", 0.5, 100), PEER: clock.way(PEER, 2.0, 40)}
    subject = Subject("lifting", "frames/s", ways, {"fast": 3.0})
    figures = measure(subject, peak=1000.0, rounds=2, seconds=1.0)
    once = ["fast", PEER]
    assert clock.order == once + 2 * ["fast", "fast", PEER]
    assert figures["fast"]["median"] == pytest.approx(200)
    assert figures["fast"]["ratio"] == pytest.approx(10)
    assert figures["fast"]["peak_share"] == pytest.approx(0.6)
    assert figures["fast"]["call_p50_ms"] == pytest.approx(500)
    assert figures[PEER]["ratio"] == 1
    assert "peak_share" not in figures[PEER]
    text = format_subject(subject, figures, earlier={"fast": figures["fast"] | {"median": 100.0}})
    fast = next(line for line in text.splitlines() if line.startswith("fast"))
    assert fast.split() == ["fast", "200", "(200-200)", "500", "/", "500", "10.0", "60%", "2.00"]


def test_the_fast_pass_spares_the_backward_pass_of_the_sampled_frames():
    lifter = AnatomyLifter(channels=8)
    exact, fast = (training_multiplies(lifter, 50, name) for name in ("exact", "fast"))
    frames = sum(layer.kernel.shape.num_elements() for layer in lifter.frame_network.hidden)
    frames += lifter.frame_network.output_dense.kernel.shape.num_elements()
    frames += lifter.frame_pooling.dense.kernel.shape.num_elements()
    assert exact - fast == (300 - 106) * frames


def test_sizes_are_named():
    assert str(Size((3, 3, 3), 256)) == "27 frames, 256 channels"


def test_figures_that_are_none(tmp_path):
    path = tmp_path / "old.json"
    with pytest.raises(InputError, match="old.json: cannot be read"):
        read_history(path)
    for text in ("{", "[]", '{"subjects": {"a": {"b": {}}}}', '{"subjects": 3}'):
        path.write_text(text)
        with pytest.raises(InputError, match="old.json: not figures of a benchmark"):
            read_history(path)
    path.write_text(json.dumps({"subjects": {"a": {"b": {"median": 1.0}}}}))
    assert read_history(path)["a"]["b"]["median"] == 1
