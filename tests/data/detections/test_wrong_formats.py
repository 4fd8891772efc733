import pytest

from anatomy_tf.data.detections.reading import read_detections
from anatomy_tf.errors import InputError


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("walk.dat", b"", "expected a folder or a file that ends with .json, .npz, .csv, .tsv, "),
        ("walk.txt", b"hello", "seems to be text without the numbers of any tool"),
        ("walk.mp4", b"", "seems to be a video: run a 2D detector on it first"),
        ("walk.pkl", b"", "seems to be a pickle, .*: save JSON or .npz"),
        ("walk.bvh", b"", "seems to be motion capture, .*: tools/prepare_mocap.py reads it"),
        ("walk.json", b"", "truncated, or not JSON"),
        ("walk.json", b"[1, 2", "truncated, or not JSON"),
        ("walk.json", b"[[Infinity]]", "Infinity is no number"),
        ("walk.json", b"[[[1.0, 2.0]]]", "numbers in lists 3 deep, which do not say what they are"),
        ("walk.json", b'{"images": [], "annotations": []}', "seems to be COCO annotations"),
        ("walk.json", b'{"0.jpg": {"bodies": []}}', "seems to be AlphaPose's --format cmu"),
        ("walk.json", b'[{"bbox": [1], "image_id": 0}]', "seems to be boxes without keypoints"),
        ("walk.csv", b"scorer,DLC,DLC", "seems to be a table of DeepLabCut"),
        ("walk.csv", b"frame,x0,y0,x1,y1", "seems to be a table of frame, x0, y0, x1, y1"),
        ("walk.json", b"\xff\xfe", "truncated, or not JSON"),
        ("walk.json", b"[" * 100_000, "deeper than any detections"),
        ("walk.json", b"{}", "no file of a tool that is known; seems to be an empty object"),
        ("walk.json", b'[{"joints": 1}]', "seems to be a list of objects with joints"),
        ("walk.json", b"[]", "nobody in any frame"),
        ("walk.json", b"[null, [], null]", "nobody in any frame"),
        ("walk.json", b"[" + b"9" * 5000 + b"]", "truncated, or not JSON"),
        ("walk.csv", b"frame,x\n\xff\xfe", "walk.csv: line [01]: .*codec can't decode"),
        ("walk.npz", b"hello", "walk.npz"),
    ],
)
def test_files_of_no_format_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        read_detections(tmp_path / name)
    assert "\n" not in str(error.value)
