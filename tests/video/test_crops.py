"""Squares of a picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.video.crops import Square, cut_out, whole_picture


@settings(max_examples=40)
@given(
    st.floats(-80, 120),
    st.floats(-80, 120),
    st.floats(20, 300),
    st.integers(20, 120),
    st.integers(20, 120),
)
def test_a_point_is_where_the_square_says(left, top, side, width, height):
    """A ramp tells from its values where every pixel of the result comes from."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    picture = np.stack([x, y, np.full_like(x, 200)], axis=-1).astype(np.uint8)
    square = Square(left, top, side)
    result = cut_out(picture, square, 64)
    shares = (np.stack(np.meshgrid(np.arange(64), np.arange(64)), axis=-1) + 0.5) / 64
    places = square.in_picture(shares.astype(np.float32)) - 0.5
    inside = (places > 1.5).all(axis=-1) & (places < [width - 2.5, height - 2.5]).all(axis=-1)
    inside &= result[..., 2] == 200
    # Where the square is larger than the result, pixels are means, cut at the picture's edge.
    near = (places > side / 30).all(axis=-1)
    near &= (places < [width - 1 - side / 30, height - 1 - side / 30]).all(axis=-1)
    errors = np.abs(result[..., :2].astype(float) - places)[inside & near]
    assert (errors <= 1.6).all()
    outside = (places < -side / 20).any(axis=-1)
    outside |= (places > [width + side / 20, height + side / 20]).any(axis=-1)
    assert (result[outside] == 0).all()


@pytest.mark.parametrize(("width", "height"), [(40, 90), (90, 40)])
def test_the_whole_picture_is_in_the_middle(width, height):
    square = whole_picture(np.zeros((height, width, 3), np.uint8))
    assert square.side == 90
    middle = square.in_picture(np.array([0.5, 0.5], np.float32))
    np.testing.assert_allclose(middle, [width / 2, height / 2])


def test_a_square_beside_the_picture_is_black():
    picture = np.full((50, 50, 3), 255, np.uint8)
    assert not cut_out(picture, Square(60, 0, 30), 16).any()
