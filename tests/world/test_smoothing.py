import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.world.moving_average import moving_average, odd_frames
from anatomy_tf.world.smoothing import CUTOFF, OneEuro, butterworth, smooth


@pytest.mark.parametrize(("hertz", "gain"), [(1, 1.0), (CUTOFF, 0.707), (20, 0.019)])
def test_frequencies_pass_as_they_should(hertz, gain):
    times = np.arange(600) / 100
    wave = np.sin(2 * np.pi * hertz * times)
    found = butterworth(wave, 100)
    middle = slice(150, 450)
    share = (found[middle] @ wave[middle]) / (wave[middle] @ wave[middle])
    assert share == pytest.approx(gain, abs=0.003)


@given(
    start=st.floats(-5, 5), slope=st.floats(-2, 2), frames=st.integers(3, 80), fps=st.floats(5, 120)
)
def test_what_moves_evenly_is_left_as_it_is(start, slope, frames, fps):
    line = start + slope * np.arange(frames) / fps
    np.testing.assert_allclose(butterworth(line, fps), line, atol=1e-8)
    np.testing.assert_allclose(moving_average(line, 7), line, atol=1e-8)


@pytest.mark.parametrize("kind", ["butterworth", "one_euro", "none"])
@pytest.mark.parametrize("frames", [1, 2, 3, 50])
def test_every_length_is_kept(kind, frames):
    values = np.random.default_rng(0).normal(size=(frames, 4, 3))
    found = smooth(values, 50, kind)
    assert found.shape == values.shape and np.isfinite(found).all()


def test_one_euro_smooths_what_rests_and_follows_what_moves():
    rng = np.random.default_rng(0)
    still = rng.normal(0, 0.01, (300, 1, 3))
    euro = OneEuro(50)
    found = np.stack([euro(point) for point in still])
    assert found[50:].std() < 0.6 * still.std()
    fast = np.zeros((100, 1, 3))
    fast[:, 0, 0] = 3.0 * np.arange(100) / 50
    euro = OneEuro(50)
    found = np.stack([euro(point) for point in fast])
    assert abs(found[-1, 0, 0] - fast[-1, 0, 0]) < 0.1  # some 30 ms behind


@given(st.floats(0.001, 2), st.floats(1, 240))
def test_numbers_of_frames_are_odd(seconds, fps):
    frames = odd_frames(seconds, fps)
    assert frames % 2 == 1 and frames >= 1
    assert abs(frames - seconds * fps) <= 1.001 or seconds * fps < 1
