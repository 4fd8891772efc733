import codecs

import pytest

from anatomy_tf.data.motion.captured import Reading, read_captured
from anatomy_tf.data.motion.joint_mapping import read_mapping
from anatomy_tf.data.motion.motion_files import read_motion
from anatomy_tf.data.motion.motion_text import read_text
from tests.data.motion.motion_writing import AMC, ASF, SAME_POINTS
from tests.data.motion.walking_person import Person

ENCODINGS = {
    "utf-8": b"",
    "utf-8 with a mark": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


@pytest.fixture(params=ENCODINGS)
def encoded(request):
    def encoded(text):
        encoding = request.param.split(" ")[0]
        return ENCODINGS[request.param] + text.encode(encoding)

    return encoded


def test_every_kind_of_file_may_begin_with_a_byte_order_mark(tmp_path, encoded):
    (tmp_path / "walk.bvh").write_bytes(encoded(Person().text()))
    assert len(read_motion(tmp_path / "walk.bvh")) == 60
    (tmp_path / "01.asf").write_bytes(encoded(ASF))
    (tmp_path / "01_01.amc").write_bytes(encoded(AMC))
    assert len(read_motion(tmp_path / "01_01.amc")) == 2
    (tmp_path / "own.txt").write_bytes(encoded(SAME_POINTS))
    assert read_mapping(tmp_path / "own.txt").points["neck"] == ({"Head": 1.0},)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(tmp_path, ending):
    path = tmp_path / "walk.bvh"
    path.write_bytes(Person().text().replace("\n", ending).encode())
    captured = read_captured(path, tmp_path, Reading())
    assert captured.notes.startswith("60 frames at 30 fps, mapping humanoid, y up (found")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a\nb\n\x1a", "a\nb\n"),
        (b"a\nb\x1a", "a\nb"),
        (b"a\nb\0\0\r\n\r\n  \n", "a\nb\n"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "a"),
        (b"", ""),
        (b"J\xf6rg", "J\ufffdrg"),
    ],
)
def test_what_fills_the_end_is_dropped(tmp_path, content, text):
    (tmp_path / "a.txt").write_bytes(content)
    assert read_text(tmp_path / "a.txt") == text
