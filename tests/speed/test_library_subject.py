import pytest

from anatomy_tf.speed.library_subject import (
    format_library,
    lift_library,
    write_library,
)


@pytest.mark.long
def test_both_ways_lift_the_same_files(cmu_test_clips, tmp_path):
    assert write_library(cmu_test_clips[:2], 2, tmp_path / "library") == 125
    written = []
    for processes in (0, 1):
        folder = tmp_path / str(processes)
        took = lift_library(tmp_path / "library", folder, "cmu_27f", processes)
        assert min(took) > 0
        written.append(sorted(path.name for path in folder.iterdir()))
    assert written[0] == written[1]
    assert "clip0001.npz" in written[0] and "index.csv" in written[0]


def test_a_line_a_way():
    figure = {"frames_per_second": 99.6, "cpu_ms": 2.5, "ratio": 1, "cpu_ratio": 1.25}
    lines = format_library({"plain loop": figure}, 2, "any").splitlines()
    assert lines[-1] == "| plain loop | 100 | 1.00 | 2.50 | 1.25 |"
