"""Archives whose arrays are none."""

import numpy as np
import pytest

from anatomy_tf.data.files.archive import Archive
from anatomy_tf.errors import InputError

NO_TEXT = np.array([ord("a"), 0x7FFFFFFF], "u4")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (NO_TEXT.view("<U2"), "holds text that is none"),
        (NO_TEXT.byteswap().view(">U1"), "holds text that is none"),
        (np.zeros(3, [("x", "f4"), ("name", "U2")]), "not an array of one type"),
        (np.array([None]), "holds pickled objects"),
        (np.ndarray(10**6, "S0"), "values that take no bytes"),
    ],
)
def test_what_is_no_array_is_refused(array, message, tmp_path):
    path = tmp_path / "clip.npz"
    np.savez(path, names=array)
    with pytest.raises(InputError, match=f"{path}: names: .*{message}"):
        Archive(path).read("names")


def test_texts_of_any_kind_are_read(tmp_path):
    path = tmp_path / "clip.npz"
    texts = [np.array(["çde", "\U0010ffff"]), np.array(["çde"], ">U5"), np.zeros(0, "U3")]
    np.savez(path, *texts, np.array("one"))
    for i, text in enumerate([*texts, np.array("one")]):
        np.testing.assert_array_equal(Archive(path).read(f"arr_{i}"), text)
