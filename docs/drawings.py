"""Draws the pictures of architecture.md and world.md: `python docs/drawings.py`.

Names of functions are looked up in the package, what each loss trains is taken from gradients, and
angles are those that the code gives, so no picture can say what the code does not.
"""

from __future__ import annotations

import importlib
import pathlib
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17
from anatomy_tf.training.loss_reach import loss_reach
from anatomy_tf.world.level import LEVEL, Up, pitch_and_roll, with_pitch_and_roll
from anatomy_tf.world.posture import angles_of

IMAGES = pathlib.Path(__file__).parent / "images"
INK, GREY, WHITE, STOP = "#30343f", "#6b717d", "#ffffff", "#d1495b"
DATA, NETWORK, VALUES = "#fbeecf", "#d8ebee", "#f1f2f5"
LOSSES = {
    "direction": ("#d1495b", "direction of every bone (eq. 3)"),
    "joint_shift": ("#00798c", "shifts between joints (eq. 2)"),
    "joints": ("#7b2d8b", "joints of the current frame (eq. 5)"),
    "picked_joints": ("#d98a0b", "joints of one sampled frame"),
    "length": ("#3a7d34", "bone lengths (eq. 4)"),
}
"""Colour and words of the loss terms of `anatomy_losses`."""


def draw_flow(path: pathlib.Path) -> None:
    """What flows from a file to joints."""
    figure, axes = _canvas(12, 8.3)
    steps = (
        ("Read the file", "data.detections.reading.read_detections", "any tool's"),
        ("Follow people", "data.detections.tracking.track_people", "boxes that overlap"),
        ("Choose people", "data.detections.people.choose_people", "one or all"),
        ("Convert keypoints", "data.keypoint_sets.convert", "COCO ... to the model's"),
        ("Fill short gaps", "data.detections.gaps.fill_gaps", "long ones split"),
        ("Resample", "data.detections.frame_rate.resample_clip", "to the model's rate"),
    )
    _section(axes, 8.08, "DATA: from what a tool wrote to clips of one person")
    _value(axes, 0.2, 7.05, 2.3, "a 2D detector's file", ".json  .npz  .csv  .zip")
    for number, (title, function, words) in enumerate(steps):
        row, column = divmod(number, 3)
        x, y = 3.1 + 3.0 * column, 7.05 - 1.2 * row
        _step(axes, x, y, 2.5, title, function, words, DATA)
        if column:
            _arrow(axes, (x - 0.5, y + 0.41), (x, y + 0.41))
    _arrow(axes, (2.5, 7.45), (3.1, 7.45))
    _line(axes, [(10.35, 7.05), (10.35, 6.86), (4.35, 6.86)])
    _arrow(axes, (4.35, 6.86), (4.35, 6.67))
    _line(axes, [(10.35, 5.85), (10.35, 5.67), (6.0, 5.67)])
    _arrow(axes, (6.0, 5.67), (6.0, 5.5))
    _value(
        *(axes, 3.1, 4.7, 5.8, "Clip"),
        "keypoints (T, J, 2) pixels, visibility (T, J), resolution, fps",
    )
    _section(axes, 4.4, "MODEL: from screen coordinates to metres")
    _arrow(axes, (6.0, 4.7), (6.0, 4.24))
    _step(
        *(axes, 4.5, 3.42, 3.0, "Pixels to screen coordinates"),
        *("geometry.screen.pixels_to_screen", "x from -1 to 1 over the width", NETWORK),
    )
    _step(
        *(axes, 0.9, 2.2, 3.6, "Direction network"),
        *("models.direction_network.DirectionNetwork", "frames around t; causal: up to t", NETWORK),
    )
    _step(
        *(axes, 7.5, 2.2, 3.6, "Length network"),
        *("models.length_network.FrameNetwork", "frames over the whole clip", NETWORK),
    )
    for x, edge in ((2.7, 4.5), (9.3, 7.5)):
        _line(axes, [(edge, 3.82), (x, 3.82)])
        _arrow(axes, (x, 3.82), (x, 3.02))
        _line(axes, [(x, 2.2), (x, 1.55)])
        _arrow(axes, (x, 1.55), (edge, 1.55))
    _text(axes, 2.7, 1.33, "directions (T, K, 3), unit vectors", size=9, color=GREY)
    _text(axes, 9.3, 1.33, "lengths (K,) metres", size=9, color=GREY)
    _step(
        *(axes, 4.5, 1.14, 3.0, "Joint head", "models.heads.ProductHead"),
        *("directions and lengths together", NETWORK),
    )
    _arrow(axes, (6.0, 1.14), (6.0, 0.95))
    _value(
        *(axes, 3.1, 0.15, 5.8, "Poses"),
        "joints (N, J, 3) metres, frame, person, at the video's own frame rate",
    )
    _save(figure, path)


def draw_losses(path: pathlib.Path) -> None:
    """Which loss reaches which part of the model."""
    reach = loss_reach(AnatomyLifter(H36M_17, (3, 3), channels=8))
    figure, axes = _canvas(12, 7.6)

    def part(x, y, width, title, words, *names):
        _box(axes, x, y, width, 0.85, NETWORK)
        _text(axes, x + width / 2, y + 0.6, title, weight="bold")
        _text(axes, x + width / 2, y + 0.33, words, size=8.5, color=GREY)
        _dots(axes, x + width / 2, y, [loss for loss in LOSSES if set(names) & reach[loss]])

    _section(axes, 7.35, "FOR EVERY WINDOW")
    _value(axes, 0.2, 5.02, 1.9, "window", "keypoints, visibility")
    part(2.7, 5.0, 1.9, "Stem", "reads the scores", "stem")
    part(5.2, 5.9, 2.2, "Sub-network 2", "reads sub-network 1", "sub-network 1", "head 1")
    part(5.2, 4.1, 2.2, "Sub-network 1", "and its head", "sub-network 0", "head 0")
    part(8.9, 5.9, 2.9, "Shift head 2", "lengths x directions", "shift head 1")
    part(8.9, 4.1, 2.9, "Shift head 1", "lengths x directions", "shift head 0")
    part(8.9, 2.0, 2.9, "Joint head", "lengths x directions", "joint head")
    _arrow(axes, (2.1, 5.42), (2.7, 5.42))
    _line(axes, [(4.6, 5.42), (4.9, 5.42), (4.9, 4.52)])
    _arrow(axes, (4.9, 4.52), (5.2, 4.52))
    _arrow(axes, (5.7, 4.95), (5.7, 5.9))
    _stop(axes, 5.7, 5.4, upright=False)
    _arrow(axes, (7.4, 6.32), (8.9, 6.32))
    _arrow(axes, (7.4, 4.52), (8.9, 4.52))
    _text(axes, 8.3, 6.5, "directions", size=8.5, color=GREY)
    _text(axes, 8.3, 4.7, "directions", size=8.5, color=GREY)
    _line(axes, [(7.75, 6.32), (7.75, 4.62)])
    _line(axes, [(7.75, 4.42), (7.75, 2.62)])  # a gap where it crosses the other arrow
    _arrow(axes, (7.75, 2.62), (8.9, 2.62))
    _stop(axes, 8.55, 2.62)

    _section(axes, 3.45, "FOR FRAMES SAMPLED OVER THE CLIP")
    _value(axes, 0.2, 2.02, 1.9, "sampled frames", "keypoints")
    part(2.7, 2.0, 1.9, "Frame network", "joints, frame by frame", "frame network")
    part(5.2, 2.0, 1.9, "Attention", "over the frames", "attention")
    _arrow(axes, (2.1, 2.42), (2.7, 2.42))
    _arrow(axes, (4.6, 2.42), (5.2, 2.42))
    _stop(axes, 4.88, 2.42)
    _arrow(axes, (7.1, 2.2), (8.9, 2.2))
    _stop(axes, 8.55, 2.2)
    _text(axes, 7.72, 2.02, "lengths, to all heads", size=8.5, color=GREY)

    _line(axes, [(0.2, 1.45), (11.8, 1.45)], color="#d5d8de")
    for number, (loss, (colour, words)) in enumerate(LOSSES.items()):
        column, row = divmod(number, 3)
        x, y = 0.4 + 4.3 * column, 1.08 - 0.38 * row
        axes.add_patch(Circle((x, y), 0.12, facecolor=colour, edgecolor="none"))
        _text(axes, x + 0.27, y, loss, size=9, ha="left", weight="bold")
        _text(axes, x + 1.6, y, words, size=9, ha="left")
    _stop(axes, 8.95, 1.08)
    _text(axes, 9.15, 1.08, "no gradient flows back", size=9, ha="left")
    _text(axes, 8.87, 0.7, "dots: the losses that train a part", size=9, ha="left")
    _save(figure, path)


def draw_world(path: pathlib.Path) -> None:
    """The axes of the world, how a camera is held, and the angles of a body."""
    figure, axes = _canvas(12, 4.6)
    _section(axes, 4.35, "A CAMERA, FROM THE SIDE AND FROM BEHIND")
    up = with_pitch_and_roll(Up(LEVEL, "nothing"), 25, None).direction
    ahead = np.array([-up[1], up[2]])  # along the floor, and up
    _line(axes, [(0.3, 0.5), (4.2, 0.5)], color=GREY)
    _text(axes, 3.9, 0.3, "floor, y = 0", size=9, color=GREY)
    camera = np.array([0.8, 3.2])
    axes.add_patch(Circle(camera, 0.16, facecolor=DATA, edgecolor=INK))
    _arrow(axes, camera, camera + 2.2 * ahead)
    axes.plot([camera[0], camera[0] + 2.2], [camera[1]] * 2, "--", color=GREY, linewidth=1)
    _text(axes, 3.3, 2.9, f"camera_pitch {pitch_and_roll(up)[0]:.0f}", size=9, mono=True)
    _axes_of(axes, (2.9, 0.5), ("-z", "y"), "world")
    rolled = with_pitch_and_roll(Up(LEVEL, "nothing"), None, 20).direction
    centre = np.array([5.4, 2.6])
    corners = np.array([[-0.7, -0.45], [0.7, -0.45], [0.7, 0.45], [-0.7, 0.45], [-0.7, -0.45]])
    turn = np.array([[-rolled[1], rolled[0]], [-rolled[0], -rolled[1]]])
    _line(axes, (centre + corners @ turn).tolist())
    _arrow(axes, centre, centre + [0, 1.2])
    _text(axes, 5.4, 3.98, "up", size=9)
    _text(axes, 5.4, 1.7, f"camera_roll {pitch_and_roll(rolled)[1]:.0f}", size=9, mono=True)
    _text(axes, 5.4, 1.45, "turned clockwise, seen from behind", size=8.5, color=GREY)

    joints = _leaning()
    angles = {name: float(values[0]) for name, values in angles_of(joints, joints, H36M_17).items()}
    for x, axis, title, names in (
        (7.5, 0, "from behind", ("trunk_right", "pelvis_tilt", "shoulder_tilt")),
        (10.0, 2, "from the right", ("trunk_forward", "trunk_lean", "r_knee", "r_hip", "r_elbow")),
    ):
        sign = -1 if axis == 2 else 1  # who looks along -z looks to the right of the picture
        points = joints[0][:, [axis, 1]] * [1.9 * sign, 1.9] + [x, 0.35]
        for near, far in H36M_17.bones:
            colour = STOP if far in H36M_17.left else "#00798c" if far in H36M_17.right else INK
            _line(axes, points[[near, far]].tolist(), color=colour)
        _line(axes, [(x - 0.9, 0.4), (x + 0.9, 0.4)], color=GREY)
        _text(axes, x, 0.22, title, size=9, color=GREY)
        for number, name in enumerate(names):
            words = f"{name} {angles[name]:.0f}"
            _text(axes, x + 0.65, 3.3 - 0.25 * number, words, size=8, ha="left", mono=True)
    _save(figure, path)


def _axes_of(axes: Axes, start: tuple[float, float], names: tuple[str, str], words: str) -> None:
    x, y = start
    for name, end in zip(names, ((x + 0.8, y), (x, y + 0.8)), strict=True):
        _arrow(axes, start, end)
        _text(axes, end[0] + 0.15, end[1] + 0.12, name, size=9, weight="bold")
    _text(axes, x - 0.35, y + 0.3, words, size=8.5, color=GREY)


def _leaning() -> np.ndarray:
    """`(1, 17, 3)` metres of somebody who looks along -z, leans, and has the right leg bent."""
    at = {
        **{"pelvis": (0, 0.92, 0), "r_hip": (0.11, 0.95, 0), "l_hip": (-0.11, 0.89, 0)},
        **{"r_knee": (0.14, 0.62, -0.28), "r_ankle": (0.15, 0.2, -0.16)},
        **{"l_knee": (-0.11, 0.48, 0.02), "l_ankle": (-0.11, 0.08, 0.06)},
        **{"spine": (0.03, 1.15, -0.08), "thorax": (0.07, 1.36, -0.16)},
        **{"neck": (0.08, 1.45, -0.22), "head": (0.09, 1.57, -0.22)},
        **{"r_shoulder": (0.22, 1.3, -0.14), "l_shoulder": (-0.08, 1.36, -0.14)},
        **{"r_elbow": (0.27, 1.05, -0.06), "r_wrist": (0.25, 0.92, -0.26)},
        **{"l_elbow": (-0.14, 1.1, -0.1), "l_wrist": (-0.14, 0.86, -0.2)},
    }
    return np.array([[at[name] for name in H36M_17.joint_names]])


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return figure, axes


def _step(axes, x, y, width, title, function, words, colour) -> None:
    """A box about a function of the package, which has to exist."""
    module, name = function.rsplit(".", 1)
    getattr(importlib.import_module(f"anatomy_tf.{module}"), name)
    _box(axes, x, y, width, 0.82, colour)
    _text(axes, x + width / 2, y + 0.63, title, weight="bold")
    _text(axes, x + width / 2, y + 0.39, name, size=8.5, mono=True)
    _text(axes, x + width / 2, y + 0.16, words, size=8.5, color=GREY)


def _value(axes: Axes, x: float, y: float, width: float, title: str, words: str) -> None:
    _box(axes, x, y, width, 0.8, VALUES)
    _text(axes, x + width / 2, y + 0.53, title, weight="bold")
    _text(axes, x + width / 2, y + 0.24, words, size=9, color=GREY)


def _box(axes: Axes, x: float, y: float, width: float, height: float, colour: str) -> None:
    style = "round,pad=0,rounding_size=0.09"
    box = FancyBboxPatch((x, y), width, height, style, facecolor=colour, edgecolor=INK)
    axes.add_patch(box)


def _dots(axes: Axes, x: float, y: float, losses: Sequence[str]) -> None:
    """A dot on the lower edge of a box for every loss."""
    for number, loss in enumerate(losses):
        centre = (x + 0.34 * (number - (len(losses) - 1) / 2), y)
        axes.add_patch(Circle(centre, 0.13, facecolor=LOSSES[loss][0], edgecolor=WHITE, zorder=5))


def _section(axes: Axes, y: float, words: str) -> None:
    _text(axes, 0.2, y, words, size=9, color=GREY, ha="left", weight="bold")


def _text(axes, x, y, words, size=10, color=INK, ha="center", weight="normal", mono=False) -> None:
    family = "DejaVu Sans Mono" if mono else "DejaVu Sans"
    style = {"family": family, "weight": weight, "size": size, "color": color}
    axes.text(x, y, words, ha=ha, va="center", **style)


def _line(axes: Axes, points: Sequence[tuple[float, float]], color: str = INK) -> None:
    axes.plot(*zip(*points, strict=True), color=color, linewidth=1.2, solid_joinstyle="miter")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = "-|>,head_length=0.45,head_width=0.2"
    look = {"mutation_scale": 12, "shrinkA": 0, "shrinkB": 0, "color": INK, "linewidth": 1.2}
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle=style, **look))


def _stop(axes: Axes, x: float, y: float, upright: bool = True) -> None:
    """The mark across an arrow that no gradient flows back along."""
    for shift in (-0.04, 0.04):
        ends = [(x + shift, y - 0.13), (x + shift, y + 0.13)]
        if not upright:
            ends = [(x - 0.13, y + shift), (x + 0.13, y + shift)]
        axes.plot(*zip(*ends, strict=True), color=STOP, linewidth=2)


def _save(figure: Figure, path: pathlib.Path) -> None:
    with matplotlib.rc_context({"svg.hashsalt": path.stem}):
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Draws the pictures into docs/images."""
    draw_flow(IMAGES / "flow.svg")
    draw_losses(IMAGES / "losses.svg")
    draw_world(IMAGES / "world.svg")


if __name__ == "__main__":
    main()
