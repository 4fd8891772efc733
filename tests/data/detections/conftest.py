import numpy as np
import pytest

from anatomy_tf.data.detections.plain import write_plain_csv, write_plain_npz
from anatomy_tf.data.keypoint_sets import HALPE_26
from tests.data.detections.samples import (
    BODY_SAMPLE,
    JSON,
    detectron2,
    labels,
    openpose,
    sample,
    sports2d,
    write_folder,
    write_json,
    write_npz,
    write_zip,
)


@pytest.fixture(scope="module")
def small_files(tmp_path_factory):
    """A small valid file of every format and kind."""
    folder = tmp_path_factory.mktemp("small")
    files = {name: write_json(folder / f"{name}.json", content) for name, content in JSON.items()}
    files["zip"] = write_zip(folder / "frames.zip", openpose(BODY_SAMPLE))
    files["frame"] = write_folder(folder / "frames", openpose(BODY_SAMPLE))
    files["detectron2"] = write_npz(folder / "detectron2.npz", **detectron2(sample()))
    for name, write in (("csv", write_plain_csv), ("npz", write_plain_npz)):
        files[name] = folder / f"plain.{name}"
        write(files[name], sample())
    files["landmarks"] = folder / "landmarks.csv"
    rows = [f"0,{number},0.5,0.{number},0.9" for number in range(33)]
    files["landmarks"].write_text("\n".join(["frame,landmark,x,y,visibility", *rows]))
    files["wide"] = folder / "wide.csv"
    header = ",".join(f"x{number},y{number},v{number}" for number in range(33))
    files["wide"].write_text("\n".join([header, *[",".join(["0.5,0.25,0.9"] * 33)] * 5]))
    files["trc"] = folder / "walk_px_person01.trc"
    files["trc"].write_text(sports2d(sample(HALPE_26)))
    files["labels"] = folder / "labels"
    files["labels"].mkdir()
    for name, text in labels(sample()).items():
        (files["labels"] / name).write_text(text)
    positions = {"walk.mp4": {"custom": [np.ones((5, 17, 2)) * 7]}}
    metadata = {"layout_name": "coco", "video_metadata": {"walk.mp4": {"w": 640, "h": 480}}}
    files["data_set"] = write_npz(
        folder / "data_set.npz", positions_2d=np.array(positions), metadata=np.array(metadata)
    )
    points = np.ones((1, 5, 17, 2)) * 7
    files["lifter"] = write_npz(folder / "lifter.npz", reconstruction=points)
    return files
