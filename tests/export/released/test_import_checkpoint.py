"""Released checkpoints become models of this project."""

import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.export.released.import_released import import_released, released_lifter
from anatomy_tf.export.released.torch_checkpoint import read_checkpoint
from anatomy_tf.models.lifter import load_lifter
from tests.export.released.torch_files import FILES, GOLDEN, write_stream
from tests.tools.processes import run


def assert_whole_clip_is_golden(lifter, kind):
    clip = GOLDEN[f"{kind}/video/keypoints"]
    outputs = lifter({"keypoints": clip[..., :2], "visibility": clip[..., 2]})
    np.testing.assert_allclose(outputs["joints"], GOLDEN[f"{kind}/video/joints"], atol=1e-5)


@pytest.mark.parametrize("kind", FILES)
def test_an_imported_model_computes_what_the_released_code_does(kind):
    lifter = import_released(FILES[kind], causal=kind == "causal")
    assert_whole_clip_is_golden(lifter, kind)


def changed(**changes) -> dict[str, np.ndarray]:
    """The symmetric model's arrays but for some, by name with __ for dots; None removes one."""
    arrays = read_checkpoint(FILES["symmetric"])
    arrays |= {name.replace("__", "."): value for name, value in changes.items()}
    return {name: value for name, value in arrays.items() if value is not None}


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"expand_conv__weight": None}, "expand_conv.weight is missing"),
        (
            {"expand_conv__weight": np.zeros((16, 32, 3))},
            r"expand_conv.weight: shape \(16, 32, 3\)",
        ),
        ({"expand_conv__weight": np.zeros(())}, r"expand_conv.weight: shape \(\)"),
        ({"layers_conv__0__weight": np.zeros((16, 16, 3))}, "layers_conv.0.weight: shape"),
        ({"layers_conv__2__weight": np.zeros((16, 16, 4))}, "layers_conv.2.weight: shape"),
        (
            {"layers_conv__2__weight": np.zeros((16, 16, 9999))},
            "layers_conv.2.weight: 89991 frames",
        ),
        ({"layers_conv__4__weight": np.zeros((16, 16, 3))}, "layers_bn.4.weight is missing"),
        ({"shrink_direct_1__weight": np.zeros((51, 16, 1))}, "shrink_direct_1.weight: shape"),
        ({"boneatt__bias": None}, "boneatt.bias is missing"),
        ({"attention__weight": np.zeros(3)}, "attention.weight is unknown"),
        ({"boneatt__bias": np.full(16, np.nan)}, "boneatt.bias: holds numbers that are not finite"),
        ({"boneatt__bias": np.full(16, 1e300)}, "boneatt.bias: holds numbers that are not finite"),
    ],
)
def test_the_first_tensor_that_differs_is_named(changes, message):
    with pytest.raises(InputError, match=message):
        released_lifter(changed(**changes), causal=False)


def test_the_tool_writes_a_model_that_loads(tmp_path):
    code, out, errors = run(
        *("import_checkpoint", f"--checkpoint={FILES['causal']}", "--causal"),
        f"--output={tmp_path / 'released'}",
    )
    assert (code, errors) == (0, [])
    file = tmp_path / "released" / "model.keras"
    assert out == f"wrote {file}: 27 frames, 16 channels, 33,132 parameters, epoch 80\n"
    assert list(file.parent.iterdir()) == [file]
    assert_whole_clip_is_golden(load_lifter(file.parent), "causal")


def test_the_tool_refuses_in_one_line_and_writes_nothing(tmp_path):
    path = tmp_path / "checkpoint"
    write_stream(path, f"cos\nsystem\n(Vtouch {tmp_path / 'ran'}\ntR.".encode())
    code, out, errors = run(
        "import_checkpoint", f"--checkpoint={path}", f"--output={tmp_path / 'released.keras'}"
    )
    assert (code, out, len(errors)) == (1, "", 1)
    assert "holds os.system, which is not a tensor or a plain container" in errors[0]
    assert list(tmp_path.iterdir()) == [path]
