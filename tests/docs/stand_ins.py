"""Small stand-ins for what the pages take for granted: files in the folder where their blocks run,
and variables that their Python blocks use.
"""

import json
import pathlib
import shutil
import types
from collections.abc import Callable

import numpy as np

import anatomy_tf as at
from anatomy_tf.data.keypoint_sets import COCO_17, convert
from anatomy_tf.data.sets.bodies import MPI_INF_3DHP_17
from anatomy_tf.data.sources import open_source
from anatomy_tf.evaluation.virtual_protocol import SHORTEST
from anatomy_tf.export.written_outputs import Outputs, export
from anatomy_tf.inference.lift import ClipLifter
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.shipped import sample_video
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.video.decoding import Video
from tests.data.motion.motion_writing import rigid, write_bvh
from tests.data.sets import humaneva_files, mpi_inf_3dhp_files
from tests.docs.commands import SMALL_CMU
from tests.docs.pages import ROOT
from tests.mocap_folder import write_mocap_folder
from tests.video.videos import write_video

SHIPPED = ("configs", "examples", "saved_models", "tests", "tools")
DETECTIONS = ROOT / "tests" / "data" / "detections" / "files" / "balance_alphapose-results.json"
FRAMES = 40


def write_inputs(folder: pathlib.Path) -> None:
    """A video, a detector's file, motion capture of two actions, and a few clips of CMU."""
    pictures = [frame.picture for frame in Video(sample_video()).frames()]
    write_video(folder / "walk.mp4", pictures[:60:5], fps=12)
    shutil.copy(DETECTIONS, folder / "alphapose-results.json")
    (folder / "captures").mkdir()
    cmu = open_source("cmu")
    (folder / SMALL_CMU).mkdir()
    write_mocap_folder(folder / SMALL_CMU, cmu, frames=SHORTEST, test_subject="A11")
    clips = cmu.clips(["A10"])
    for number, name in enumerate(("walk_01", "walk_02", "kick_01", "kick_02")):
        joints = rigid(clips[4 * number].joints[:FRAMES])
        write_bvh(folder / "captures" / f"{name}.bvh", joints, fps=50)


def prepare(folder: pathlib.Path, inputs: pathlib.Path) -> None:
    """Puts what ships, and the inputs, into the folder of a page."""
    for path in (*(ROOT / name for name in SHIPPED), *inputs.iterdir()):
        (folder / path.name).symlink_to(path)


def names(page: str, folder: pathlib.Path) -> dict[str, object]:
    """The variables of a page before its first Python block."""
    return PAGES.get(page, lambda folder: {})(folder)


def _clip() -> dict:
    """A walk as a detector of COCO's keypoints has it, near enough: shoulders, hips and limbs."""
    clip = open_source("cmu").clips(["A10"])[0]
    keypoints = clip.keypoints[:FRAMES]
    shown = [H36M_17.joint_names.index(_FACE.get(name, name)) for name in COCO_17]
    scores = np.ones((FRAMES, len(COCO_17)), np.float32)
    return {"keypoints": keypoints[:, shown], "scores": scores}


_FACE = {"nose": "neck", "l_eye": "neck", "r_eye": "neck", "l_ear": "head", "r_ear": "head"}


def _live(folder: pathlib.Path) -> dict:
    clip = _clip()
    return {"detector": list(zip(clip["keypoints"], clip["scores"], strict=True))[:3]}


def _exported(folder: pathlib.Path) -> dict:
    export(_tiny(causal=False), Outputs(serving_dir=folder / "serving"))
    return {"keypoints": _human36m()[0][np.newaxis]}


def _onnx(folder: pathlib.Path) -> dict:
    onnx = Outputs(onnx=folder / "stream.onnx", onnx_signature="stream")
    export(_tiny(causal=True), onnx)
    return {"frames": list(zip(*_human36m(), strict=True))[:3]}


def _tiny(causal: bool) -> AnatomyLifter:
    return AnatomyLifter(H36M_17, (3, 3), channels=8, sub_networks=1, causal=causal)


def _human36m() -> tuple[np.ndarray, np.ndarray]:
    clip = _clip()
    found = convert(clip["keypoints"], clip["scores"], COCO_17, H36M_17.joint_names)
    return tuple(values.astype(np.float32) for values in found)


def _humaneva(folder: pathlib.Path) -> dict:
    (folder / "FOLDER").mkdir()
    joints = open_source("cmu").clips(["A10"])[0].joints[: humaneva_files.FRAMES]
    poses, keypoints = humaneva_files.archives(humaneva_files.centred(joints))
    metadata = humaneva_files.GT_METADATA
    for name in ("gt", "detectron_pt_coco"):
        humaneva_files.write(folder / "FOLDER", poses, keypoints, metadata, name)
    return {}


def _mpi_inf_3dhp(folder: pathlib.Path) -> dict:
    (folder / "FOLDER").mkdir()
    joints = open_source("cmu").clips(["A10"])[0].camera_joints()[: mpi_inf_3dhp_files.FRAMES]
    motion = np.repeat(1000 * joints[np.newaxis].astype(np.float64), 14, axis=0)
    mpi_inf_3dhp_files.write_training(folder / "FOLDER", motion)
    mpi_inf_3dhp_files.write_test_set(folder / "FOLDER", motion)
    model = AnatomyLifter(MPI_INF_3DHP_17, filter_widths=(3, 3), channels=8)
    return {"lifter": ClipLifter(model)}


def _detectors(folder: pathlib.Path) -> dict:
    """Interfaces of MediaPipe, which finds nobody in the first frame, of rtmlib, and of
    Ultralytics.
    """
    landmark = types.SimpleNamespace(x=0.5, y=0.25, visibility=0.9)
    found = types.SimpleNamespace(landmark=[landmark] * 33)

    def process(image):
        return types.SimpleNamespace(pose_landmarks=found if image else None)

    def model(image, stream=False):
        if stream:
            return [types.SimpleNamespace(to_json=lambda: "[]")] * 3
        return np.full((1, 17, 2), 100.0), np.ones((1, 17))

    return {
        "json": json,
        "video": [0, 1, 2],
        "pose": types.SimpleNamespace(process=process),
        "model": model,
    }


def _walk(folder: pathlib.Path) -> dict:
    poses = at.load("cmu_27f").lift(
        **_clip(), resolution=(1000, 1002), fps=50, keypoint_set="coco17"
    )
    poses.save(folder / "walk.npz")
    return {}


PAGES: dict[str, Callable[[pathlib.Path], dict]] = {
    "README.md": lambda folder: _clip(),
    "docs/data_humaneva.md": _humaneva,
    "docs/data_mpi_inf_3dhp.md": _mpi_inf_3dhp,
    "docs/detections.md": _detectors,
    "docs/extending.md": _walk,
    "docs/onnx.md": _onnx,
    "docs/realtime.md": _live,
    "docs/serving.md": _exported,
    "saved_models/cmu_27f/README.md": lambda folder: _clip(),
    "saved_models/any_causal/README.md": _live,
    "saved_models/device_81f/README.md": _live,
}
