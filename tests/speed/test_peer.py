"""A peer in a process of its own."""

import os
import pathlib

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.speed.peer import Peer
from tests.speed.test_videopose3d import OUTLINE


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> pathlib.Path:
    (tmp_path / "common").mkdir()
    for name, text in OUTLINE.items():
        (tmp_path / "common" / f"{name}.py").write_text(text)
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "torch.py").write_text("")
    packages = [str(tmp_path / "packages"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, packages)))
    return tmp_path


def test_it_works_as_in_this_process(checkout, cmu_test_clips):
    peer = Peer(checkout)
    assert not peer.samples_frames
    assert peer.lifter_arguments["assembly"] == "joints"
    draw = peer.training_batches(cmu_test_clips[:1], (3, 3), 5)
    again = peer.training_batches(cmu_test_clips[:1], (3, 3), 5)
    assert [draw(), draw(), again(), draw()] == [5, 2, 5, 5]


def test_refusals_come_through(tmp_path):
    with pytest.raises(InputError, match="not a checkout of Anatomy3D"):
        Peer(tmp_path)


def test_a_peer_that_crashes_is_one_line(checkout, cmu_test_clips):
    crash = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"
    generators = OUTLINE["generators"].replace("self.given", f"exec({crash!r}); self.given")
    (checkout / "common" / "generators.py").write_text(generators)
    peer = Peer(checkout)
    with pytest.raises(InputError, match="the peer's process ended with signal 11"):
        peer.training_batches(cmu_test_clips[:1], (3, 3), 5)
