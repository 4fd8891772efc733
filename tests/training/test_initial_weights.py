import numpy as np
import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.models.layer_weights import weights_by_layer
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import Skeleton
from anatomy_tf.training import initial_weights
from anatomy_tf.training.initial_weights import take_weights

SMALL = {"channels": 4, "filter_widths": (3, 3)}


@pytest.fixture(scope="module")
def other():
    lifter = AnatomyLifter(**SMALL | {"filter_widths": (3, 3, 3)})
    for number, weight in enumerate(lifter.training_weights()):
        weight.assign(np.full(weight.shape, 1 + number))
    return lifter


@pytest.fixture
def given(other, monkeypatch):
    """A finished model, as if it had been loaded."""
    monkeypatch.setattr(initial_weights, "load_lifter", lambda _: other)
    return other


@pytest.mark.parametrize("wide", [{}, {"filter_widths": (3, 3, 3)}, {"joint_shifts": False}])
def test_every_weight_has_a_layer(wide):
    lifter = AnatomyLifter(**SMALL | wide)
    listed = [id(w) for weights in weights_by_layer(lifter).values() for w in weights]
    assert len(set(listed)) == len(listed)
    assert {id(w) for w in lifter.training_weights()} <= set(listed)


def test_layers_that_fit_are_taken_over_and_the_others_named(given, caplog):
    caplog.set_level("INFO")
    lifter = AnatomyLifter(**SMALL, dropout=0.5)
    take_weights(lifter, "given")
    ours, theirs = weights_by_layer(lifter), weights_by_layer(given)
    for name in ours:
        for one, other in zip(ours[name], theirs[name], strict=True):
            np.testing.assert_array_equal(one, other, err_msg=name)
    taken, left = (record.getMessage() for record in caplog.records)
    assert taken.startswith("given: taken over are stem, sub-network 1 block 1, ")
    assert left.startswith("not used, as this model has none: sub-network 1 block ")
    caplog.clear()
    take_weights(AnatomyLifter(**SMALL | {"filter_widths": (3, 5)}), "given")
    assert (
        caplog.records[1]
        .getMessage()
        .startswith("begun anew, as it has none or of another shape: sub-network 1 block 1, ")
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"channels": 8}, "a model of channels 4; give --channels=4 too"),
        ({"keypoint_frame": "person"}, "a model of keypoint_frame screen"),
        (
            {"skeleton": Skeleton(("a", "b", "c"), (-1, 0, 1), (), ())},
            "of another skeleton; it has pelvis, .*; the data has a, b, c",
        ),
    ],
)
def test_models_that_do_not_fit(given, changed, message):
    with pytest.raises(InputError, match=message):
        take_weights(AnatomyLifter(**SMALL | changed), "given")
