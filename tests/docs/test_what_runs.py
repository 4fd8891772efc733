"""Every command and Python block of the pages runs, where the page does not say why not: page by
page, in a folder with small stand-ins.
"""

import functools

import numpy as np
import pytest

import anatomy_tf as at
from anatomy_tf.errors import InputError
from anatomy_tf.geometry.camera import project
from tests.data.training import train_two_steps
from tests.docs import stand_ins
from tests.docs.commands import IN_TEXT, all_commands
from tests.docs.pages import blocks
from tests.long import long_but

BLOCKS = blocks("python")
PAGES = sorted({block.page for block in BLOCKS if block.not_run is None})
WITH_COMMANDS = sorted({command.page for command in all_commands() if command.tool()})
TAKE_LONG = {
    *("docs/commands.md", "docs/extending.md", "docs/onnx.md", "docs/optimizers.md"),
    *("docs/tutorial_detections.md", "docs/tutorial_mocap.md", "docs/video.md", "docs/world.md"),
}


@pytest.fixture(scope="module")
def run_page(folders, results):
    """Runs the Python of a page and gives its variables; its commands have run before."""
    load = functools.cache(at.load)  # most pages use the same model

    def run(page: str) -> dict:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folders[page])
            patch.setattr(at, "load", load)
            names = stand_ins.names(page, folders[page])
            results(page)
            for block in BLOCKS:
                if block.page == page and block.not_run is None:
                    # Line numbers of a failure are those of the page.
                    code = "\n" * block.line + block.code
                    exec(compile(code, page, "exec"), names)
        return names

    return run


@pytest.mark.parametrize("page", long_but(set(WITH_COMMANDS) - TAKE_LONG, WITH_COMMANDS))
def test_tools_take_their_flags_and_run(page, results):
    failed = {
        f"{command.where}: {' '.join(command.words)}": output.strip()
        for command, (code, output) in results(page).items()
        if code and not _leaves_out_a_flag(command, output)
    }
    assert failed == {}


def _leaves_out_a_flag(command, output: str) -> bool:
    return command.not_run == IN_TEXT and "must have a value other than None" in output


@pytest.mark.parametrize(
    "page", long_but(set(PAGES) - TAKE_LONG, [page for page in PAGES if page != "docs/data.md"])
)
def test_python_runs(page, run_page, eager):
    run_page(page)


def test_the_reader_of_a_data_set(run_page, cmu_test_clips, tmp_path):
    """`Studio` of docs/data.md: clips that can be trained on, and its mistakes."""
    studio = run_page("docs/data.md")["Studio"]
    joints = cmu_test_clips[0].joints[:60]
    points = studio.camera.world_to_camera(joints.astype(np.float64))
    keypoints = np.stack(project(points, studio.camera.intrinsics), axis=-1)
    assert (np.abs(keypoints - (960, 540)) < (960, 540)).mean() > 0.9
    for subject in ("anna", "ben"):
        scores = np.ones(keypoints.shape[:2], np.float32)
        np.savez(tmp_path / f"{subject}.npz", joints=joints, keypoints=keypoints, scores=scores)
    source = studio(tmp_path)
    train_two_steps(source.clips(source.train_subjects))
    with pytest.raises(InputError, match=r"carl.npz: file not found"):
        source.clips(["carl"])
    with pytest.raises(InputError, match="no subject dora"):
        source.clips(["dora"])


def test_python_in_commands_runs(tmp_path, monkeypatch):
    commands = [command for command in all_commands() if command.python_code()]
    assert commands
    for command in commands:
        monkeypatch.chdir(tmp_path)
        exec(compile(command.python_code(), command.where, "exec"), {})
    assert (tmp_path / "walk.npz").is_file()


def test_what_is_not_run_has_a_reason():
    assert [str(block) for block in BLOCKS if block.not_run is not None] == []
