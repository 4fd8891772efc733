import numpy as np

from anatomy_tf.speed import disk_subject
from anatomy_tf.speed.disk_subject import format_disk, made_up_clips
from anatomy_tf.speed.subjects import Size


def test_a_table_of_a_few_frames_both_ways(tmp_path):
    size = Size((3, 3), 8, 16, sampled_frames=4)
    figures = {}
    for name, folder in (("on disk", str(tmp_path)), ("in memory", None)):
        figures[name] = disk_subject._build(size, 200, folder)
        figures[name]["examples_per_second"] = disk_subject._draw(seconds=0)
        figures[name] |= disk_subject._memory()
        assert all(np.isfinite(value) and value > 0 for value in figures[name].values())
    assert not list(tmp_path.iterdir())
    lines = format_disk(figures, size, 200).splitlines()
    assert lines[0].startswith("200 frames (0.00 GiB)")
    assert [line.split("|")[1].strip() for line in lines[3:]] == ["on disk", "in memory"]


def test_made_up_clips_have_as_many_frames_as_are_asked_for():
    assert [len(clip) for clip in made_up_clips(12_000)] == [5000, 5000, 2000]
