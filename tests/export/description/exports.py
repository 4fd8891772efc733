"""Exports of which there is only what tells what they are."""

import pathlib
import zipfile

import onnx


def write_saved_model(folder: pathlib.Path, text: str) -> pathlib.Path:
    """The files that are looked at."""
    (folder / "assets.extra").mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    (folder / "assets.extra" / "metadata.json").write_text(text)
    return folder


def write_tflite(path: pathlib.Path, text: str, compression: int = zipfile.ZIP_STORED):
    path.write_bytes(b"\x1c\0\0\0TFL3 and a model")
    with zipfile.ZipFile(path, "a", compression) as archive:
        archive.writestr("metadata.json", text)
    return path


def write_onnx(path: pathlib.Path, text: str) -> pathlib.Path:
    model = onnx.helper.make_model(onnx.helper.make_graph([], "lift", [], []))
    onnx.helper.set_model_props(model, {"json": text})
    onnx.save(model, path)
    return path
