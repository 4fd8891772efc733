import json
import math
import re

import pytest
import tensorflow as tf

from anatomy_tf.evaluation import complexity
from anatomy_tf.evaluation.complexity import count_multiplies, count_parameters, paper_flops
from anatomy_tf.models.history import History
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import H36M_17, Skeleton
from tests.long import long
from tests.tools.processes import run

STAR = Skeleton.from_names(("l_hand", "centre", "r_hand", "head"), (1, -1, 1, 1))
VARIANTS = [
    {},
    {"sub_networks": 1, "visibility": "none", "assembly": "joints"},
    {"sub_networks": 3, "filter_widths": (3, 5, 3), "visibility": "concatenation"},
    {"filter_widths": (5, 3), "assembly": "kinematic", "length_network": "direct"},
    {"sub_networks": 3, "assembly": "bones", "long_skips": False},
    {"length_frames": LengthFrames("consecutive", 4), "length_network": "mean", "skeleton": STAR},
]


def lifter(variant: dict, **arguments) -> AnatomyLifter:
    return AnatomyLifter(**{"filter_widths": (3, 3), "channels": 6} | variant | arguments)


def multiplies_in_graph(function, *inputs) -> int:
    """Of all matrix products and convolutions that the output of a traced function depends on."""
    graph = tf.function(function).get_concrete_function(*inputs)
    operations, total = {tensor.op for tensor in graph.outputs}, 0
    unseen = list(operations)
    while unseen:
        operation = unseen.pop()
        sources = {tensor.op for tensor in operation.inputs} - operations
        operations |= sources
        unseen += sources
        if operation.type in ("MatMul", "Conv2D"):
            products = math.prod(operation.inputs[1].shape[:-1])
        elif operation.type == "Einsum":
            products = math.prod(operation.inputs[0].shape[1:])
        else:
            continue
        total += products * math.prod(operation.outputs[0].shape)
    return total


def keypoints(model: AnatomyLifter, frames: int) -> dict:
    shape = (1, frames, model.skeleton.num_joints)
    return {"keypoints": tf.zeros((*shape, 2)), "visibility": tf.zeros(shape)}


# The paper's 4.58 and 8.67 for the lengths of the first two models fit no count: see `paper_flops`.
@pytest.mark.parametrize(
    ("widths", "parameters", "directions", "lengths"),
    [
        ((3, 3), 18_240_108, 29.97, 4.37),
        ((3, 3, 3), 31_885_932, 53.03, 8.56),
        ((3, 3, 3, 3), 45_531_756, 76.1, 12.76),
        ((3, 3, 3, 3, 3), 59_177_580, 99.17, 16.95),
    ],
)
def test_figures_of_table_3(widths, parameters, directions, lengths):
    model = AnatomyLifter(H36M_17, widths, channels=1024, self_pairs=True)
    assert count_parameters(model) == parameters
    assert [flops // 10_000 / 100 for flops in paper_flops(model)] == [directions, lengths]


def test_the_estimate_is_that_of_the_baseline_as_published():
    """Pavllo et al.'s own figures, rounded."""
    model = AnatomyLifter(
        **{"assembly": "joints", "sub_networks": 1, "visibility": "none", "joint_shifts": False}
    )
    assert round(count_parameters(model) / 1e6, 2) == 8.56
    assert round(paper_flops(model)[0] / 1e6, 2) == 17.09
    assert paper_flops(model)[1] == 0
    assert round(2 * count_multiplies(model).clip / 1e6, 2) == 17.09


@pytest.mark.parametrize("variant", [*VARIANTS[:3], *map(long, VARIANTS[3:])])
def test_windows_and_clips_multiply_as_counted(variant):
    model = lifter(variant)
    multiplies = count_multiplies(model)
    lengths = tf.ones((1, model.skeleton.num_bones))
    of_window = multiplies_in_graph(
        lambda window: complexity.lift_window(model, **window, lengths=lengths),
        keypoints(model, model.receptive_field),
    )
    assert of_window == multiplies.window
    at_once = model.clip_model(chunk_frames=None)
    shorter, longer = (
        multiplies_in_graph(lambda clip: at_once(clip)["joints"], keypoints(model, frames))
        for frames in (40, 45)
    )
    assert longer - shorter == 5 * (multiplies.clip + multiplies.lengths)
    assert multiplies.stream is None


@pytest.mark.parametrize("variant", VARIANTS[2:5:2])
def test_streams_multiply_as_counted(variant):
    model = lifter(variant, causal=True)
    frame = keypoints(model, 1)
    past = History()
    model.direction_network.stream(**frame, history=past)
    lengths = tf.ones((1, 1, model.skeleton.num_bones))

    def joints(frame, past):
        vectors = model.direction_network.stream(**frame, history=History(past, [False]))
        return model.joint_head(vectors[-1], lengths)

    assert multiplies_in_graph(joints, frame, past.kept) == count_multiplies(model).stream


def test_speeds_have_their_quartiles(monkeypatch):
    monkeypatch.setattr(complexity, "SECONDS", 0)
    monkeypatch.setattr(complexity, "CLIP_FRAMES", 20)
    speeds = complexity.measure_speeds(lifter({}))
    assert set(speeds) == {"clip", "window"}
    for speed in speeds.values():
        assert 0 < speed["lower_quartile"] <= speed["median"] <= speed["upper_quartile"]


def test_the_tool_prints_and_writes_a_finished_model(tmp_path):
    path = tmp_path / "costs.json"
    code, out, errors = run("complexity", "--nomeasure", f"--json={path}", "--model=cmu_27f")
    assert (code, errors) == (0, [])
    (costs,) = json.loads(path.read_text())["models"]
    assert costs["multiplies"]["window"] > costs["multiplies"]["clip"] > 0
    row = rf"27 frames +{costs['parameters']:,} +3\.42M \+ 0\.57M +3\.34M +1\.71M +- +0\.28M\n"
    assert re.search(row, out)
    assert "(channels 256, causal off" in out
