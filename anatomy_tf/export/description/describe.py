"""What a model says of itself, whatever form it has, and as text for people."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping

from anatomy_tf.errors import InputError
from anatomy_tf.export.description.metadata import (
    METADATA_NAME,
    as_json,
    describe_export,
    read_card,
)
from anatomy_tf.export.description.metadata_readers import MAX_BYTES, READERS, newest_export
from anatomy_tf.export.saved_model import EXTRA
from anatomy_tf.models.lifter import load_lifter
from anatomy_tf.shipped import model_path

_KINDS = {
    "version": str,
    "model": int,
    "trained_on": dict,
    "causal": bool,
    "receptive_field": int,
    "length_frames": str,
    "joint_names": list,
    "parents": list,
    "signatures": dict,
    "card": str,
}


def read_metadata(path: pathlib.Path | str) -> dict:
    """The metadata of a model, as `describe_export` makes them.

    Args:
      path: a SavedModel; a folder for TensorFlow Serving, of which the newest version is read; a
        `.tflite`, `.onnx` or `.keras` file; a folder with `model.keras`; or the name of a model
        that ships. What is not an export has no signatures.

    Raises:
      InputError: there is none of these, it is damaged, or it carries no such metadata.
    """
    path = pathlib.Path(path)
    try:
        if not path.exists():
            path = model_path(path)
        if path.is_dir() and not (path / "model.keras").is_file():
            path = newest_export(path) / EXTRA / METADATA_NAME
        if not (path.is_dir() or path.is_file()):
            raise InputError(f"{path}: not found")
        if path.is_dir() or path.suffix == ".keras":
            return describe_export(load_lifter(path), {}, read_card(path))
        if path.suffix not in READERS:
            raise InputError(f"{path}: neither a folder nor a .tflite, .onnx or .keras file")
        data = READERS[path.suffix](path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: its metadata are larger than {MAX_BYTES // 2**20} MiB")
    try:
        metadata = json.loads(data)
        # What is nested too deeply to be written, or has halves of characters, could not be printed
        # either.
        as_json(metadata).encode()
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: its metadata are truncated, or not JSON") from error
    problem = _problem(metadata)
    if problem:
        raise InputError(f"{path}: its metadata are damaged, or of another kind: {problem}")
    return metadata


def format_description(metadata: Mapping) -> str:
    """What the model is, its joints, what it takes and gives, and its card."""
    names, parents = metadata["joint_names"], metadata["parents"]
    frames = "up to the current one" if metadata["causal"] else "around the current one"
    facts = {
        "model": f"{metadata['model']}, of anatomy-tf {metadata['version']}",
        "reads": f"{metadata['receptive_field']} frames, {frames}",
        "bone lengths": f"out of length frames: {metadata['length_frames']}",
        **{f"training {name}": value for name, value in metadata["trained_on"].items()},
    }
    keypoints = metadata.get("keypoint_names", names)
    if keypoints != names:
        kind = metadata.get("keypoint_set")
        facts["takes"] = f"{kind} keypoints: {', '.join(map(str, keypoints))}"
    if "precision" in metadata:
        facts["precision"] = metadata["precision"]
    joints = {
        f"{joint:2d} {name}": names[parent] if parent >= 0 else "-"
        for joint, (name, parent) in enumerate(zip(names, parents, strict=True))
    }
    parts = [
        "A model of anatomy-tf: 2D keypoints of a video -> 3D joints",
        _table("", facts),
        _table("Joints, and their parents", joints),
    ]
    for name, signature in metadata["signatures"].items():
        parts += [
            _table(f"Signature {name}: inputs", _tensors(signature["inputs"])),
            _table(f"Signature {name}: outputs", _tensors(signature["outputs"])),
        ]
    if not metadata["signatures"]:
        parts.append("No signatures: tools/export.py gives it some.")
    text = "\n\n".join([*parts, metadata["card"].strip()]).strip()
    # Escape sequences in a file would steer the terminal.
    return "".join(c for c in text if c.isprintable() or c == "\n")


def _tensors(tensors: Mapping[str, Mapping]) -> dict[str, str]:
    rows = {}
    for name, tensor in tensors.items():
        shape = ", ".join("any" if size is None else _word(size) for size in tensor["shape"])
        rows[name] = f"{tensor['dtype']} ({shape}): {tensor['meaning']}"
        if "default" in tensor:
            rows[name] += f"; {_word(tensor['default'])} if not known"
    return rows


def _table(title: str, rows: Mapping[str, object]) -> str:
    width = min(max(map(len, rows), default=0), 40)
    lines = []
    for name, value in rows.items():
        words = ", ".join(map(_word, value)) if isinstance(value, list) else _word(value)
        lines.append(f"  {name:{width}}  {words}")
    return "\n".join([title, *lines] if title else lines)


def _word(value: object) -> str:
    return "..." if isinstance(value, (list, dict)) else str(value)


def _problem(metadata: object) -> str | None:
    """Where metadata are not of the form that `describe_export` gives them."""
    if not isinstance(metadata, dict) or metadata.get("format") != "anatomy-tf lifter":
        return "their format is not anatomy-tf lifter"
    for name, kind in _KINDS.items():
        if type(metadata.get(name)) is not kind:
            return f"{name} is missing, or no {kind.__name__}"
    if not isinstance(metadata.get("keypoint_names", []), list):
        return "keypoint_names are no list"
    names, parents = metadata["joint_names"], metadata["parents"]
    if not all(type(name) is str for name in names) or len(set(names)) < len(names):
        return "joint_names are not distinct strings"
    if len(parents) != len(names):
        return f"{len(names)} joint_names but {len(parents)} parents"
    if not all(type(parent) is int and -1 <= parent < len(names) for parent in parents):
        return "parents are not numbers of joints, or -1"
    for name, signature in metadata["signatures"].items():
        for side in ("inputs", "outputs"):
            tensors = signature.get(side) if isinstance(signature, dict) else None
            if not isinstance(tensors, dict) or not all(map(_is_tensor, tensors.values())):
                return f"signature {name!r} does not describe its {side}"
    return None


def _is_tensor(tensor: object) -> bool:
    match tensor:
        case {"dtype": str(), "shape": list(), "meaning": str()}:
            return True
    return False
