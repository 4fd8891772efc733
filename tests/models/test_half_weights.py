import keras
import numpy as np

from anatomy_tf.models.half_weights import halve_weights, round_weights
from anatomy_tf.models.lifter import AnatomyLifter, load_lifter


def test_a_model_in_16_bits_is_half_the_file_and_the_same_model(tmp_path):
    keras.utils.set_random_seed(3)
    lifter = AnatomyLifter(filter_widths=(3, 3), channels=96)
    round_weights(lifter)
    path = tmp_path / "model.keras"
    lifter.save(path)
    whole = path.stat().st_size
    halve_weights(path)
    assert path.stat().st_size < 0.6 * whole
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]
    loaded = load_lifter(path)
    for kept, weight in zip(loaded.training_weights(), lifter.training_weights(), strict=True):
        assert np.array(kept).dtype == np.array(weight).dtype
        np.testing.assert_array_equal(np.array(kept), np.array(weight))
