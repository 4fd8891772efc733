"""Videos as phones, screens and editors leave them, and files that are none."""

import contextlib
import gc
import pathlib

import av
import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.video import decoding
from anatomy_tf.video.decoding import Video, pictures_at
from tests.video.videos import HEIGHT, WIDTH, grey_pictures, turn_file, write_video


def _red_corner(picture: np.ndarray) -> tuple[str, str]:
    red = (picture[..., 0] > 150) & (picture[..., 1] < 100)
    rows, columns = np.nonzero(red)
    height, width = picture.shape[:2]
    return (
        "top" if rows.mean() < height / 2 else "bottom",
        "left" if columns.mean() < width / 2 else "right",
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walk.mp4"


def test_pictures_and_their_times(path):
    video = Video(write_video(path, grey_pictures(10), fps=25))
    frames = list(video.frames())
    assert video.resolution == (WIDTH, HEIGHT)
    np.testing.assert_allclose([frame.time for frame in frames], np.arange(10) / 25, atol=1e-4)
    assert [int(frame.picture[-1, -1, 0]) for frame in frames] == pytest.approx(
        [40 + 3 * i for i in range(10)], abs=4
    )
    assert video.notes == []


def test_times_are_those_of_the_pictures_and_start_at_0(path):
    times = [0.5, 0.53, 0.6, 0.9]
    frames = list(Video(write_video(path, grey_pictures(4), times)).frames())
    np.testing.assert_allclose([f.time for f in frames], np.array(times) - 0.5, atol=1e-3)


def test_no_thread_outlives_its_video(path):
    """Also where cycles of objects are not collected for long."""
    write_video(path, grey_pictures(5))
    gc.disable()
    try:
        threads = [_threads_after_reading(path) for _ in range(8)]
    finally:
        gc.enable()
    assert threads[-1] < threads[0] + 5


def _threads_after_reading(path) -> int:
    list(Video(path).frames())
    return len(list(pathlib.Path("/proc/self/task").iterdir()))


def test_pictures_at_one_time_are_one_and_it_says_so(path, monkeypatch):
    decoded = decoding._decoded

    def doubled(container, stream):
        times = []
        for frame, bad in decoded(container, stream):
            times.append(frame.pts)
            frame.pts = times[1] if len(times) == 3 else frame.pts
            yield frame, bad

    monkeypatch.setattr(decoding, "_decoded", doubled)
    video = Video(write_video(path, grey_pictures(5), fps=10))
    assert [frame.time for frame in video.frames()] == pytest.approx([0, 0.1, 0.3, 0.4])
    assert video.notes == ["left out: 1 pictures at the time of the one before"]


@pytest.mark.parametrize(
    ("matrix", "size", "corner"),
    [
        ((1, 0, 0, 1), (WIDTH, HEIGHT), ("top", "left")),
        ((0, 1, -1, 0), (HEIGHT, WIDTH), ("top", "right")),
        ((-1, 0, 0, -1), (WIDTH, HEIGHT), ("bottom", "right")),
        ((0, -1, 1, 0), (HEIGHT, WIDTH), ("bottom", "left")),
        ((-1, 0, 0, 1), (WIDTH, HEIGHT), ("top", "right")),
    ],
)
def test_pictures_are_turned_as_players_turn_them(path, matrix, size, corner):
    video = Video(turn_file(write_video(path, grey_pictures(2)), matrix))
    assert video.resolution == size
    assert {_red_corner(frame.picture) for frame in video.frames()} == {corner}


@pytest.mark.parametrize(
    ("ending", "codec", "pix_fmt", "size"),
    [
        ("mp4", "libx264", "yuv420p10le", (96, 64)),
        ("mp4", "libx264", "yuv444p", (97, 61)),
        ("mov", "qtrle", "argb", (96, 64)),
        ("webm", "libvpx-vp9", "yuv420p", (96, 64)),
        ("avi", "mjpeg", "yuvj420p", (98, 66)),
    ],
)
def test_ten_bits_odd_sizes_alpha_and_other_codecs(tmp_path, ending, codec, pix_fmt, size):
    pictures = grey_pictures(3, *size)
    path = tmp_path / f"walk.{ending}"
    if codec == "qtrle":
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=30)
            stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
            for picture in pictures:
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                container.mux(stream.encode(frame.reformat(format=pix_fmt)))
            container.mux(stream.encode())
    else:
        write_video(path, pictures, codec=codec, pix_fmt=pix_fmt)
    video = Video(path)
    assert video.resolution == size
    assert [_red_corner(frame.picture) for frame in video.frames()] == [("top", "left")] * 3


def test_a_video_that_is_cut_off_gives_what_is_there(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (40, HEIGHT, WIDTH, 3), np.uint8)
    path = write_video(tmp_path / "walk.mkv", noise)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    video = Video(path)
    count = len(list(video.frames()))
    assert 10 < count < 30
    assert any("cut off?" in note for note in video.notes)


def _sound(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_what_is_no_video_gets_one_line(tmp_path, path):
    write_video(path, grey_pictures(10))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(path.read_bytes()[:600])
    image = tmp_path / "image.png"
    write_video(image, grey_pictures(1), codec="png", pix_fmt="rgb24")
    text = tmp_path / "walk.txt"
    text.write_text("This is a text.\n" * 50)
    sound = tmp_path / "sound.m4a"
    _sound(sound)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for bad, said in (
        (cut, "no video that can be read, or cut off"),
        (empty, "no video that can be read, or cut off"),
        (image, "an image, and no video"),
        (text, "no video"),
        (sound, "only sound or data"),
        (tmp_path, "is a folder"),
        (tmp_path / "none.mp4", "file not found"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            Video(bad)
        assert str(bad) in str(caught.value)


def test_a_playlist_opens_no_other_file(tmp_path, path):
    write_video(path, grey_pictures(10))
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(InputError, match=r"list\.m3u8"):
        Video(playlist)


def test_the_picture_that_is_shown_at_a_time(path):
    video = Video(write_video(path, grey_pictures(4), [0.0, 0.1, 0.4, 0.5]))
    with contextlib.closing(pictures_at(video, np.array([0.0, 0.1, 0.2, 0.3, 0.4, 9.0]))) as shown:
        values = [round((int(picture[-1, -1, 0]) - 40) / 3) for picture in shown]
    assert values == pytest.approx([0, 1, 1, 1, 2, 3], abs=1)
