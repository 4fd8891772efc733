import pytest

from anatomy_tf.speed.processes import TENSORFLOW, startup_subject
from anatomy_tf.speed.subjects import Size


@pytest.mark.long
def test_a_process_starts_with_the_package_and_a_model(tmp_path):
    ways = startup_subject(Size((3, 3), channels=4), tmp_path).ways
    assert set(ways) == {"package and model", TENSORFLOW}
    assert ways["package and model"]() == 1
