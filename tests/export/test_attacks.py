"""Whatever exports are given, joints are numbers, neighbours are spared, and shapes are checked."""

import pytest

from tests.export import attacks
from tests.export.attacks import SHAPES, STATES, VALUES
from tests.export.opened_exports import KINDS, exported
from tests.long import long_but

BROADCAST = {("TFLite", "visibility of rank 2")}
"""That of one clip, which counts for all."""


@pytest.fixture(scope="module", params=long_but(("TFLite",), KINDS))
def export(request, tmp_path_factory):
    pytest.importorskip({"TFLite": "ai_edge_litert", "ONNX": "tf2onnx"}.get(request.param, "keras"))
    return exported(request.param, tmp_path_factory.mktemp(request.param))


def test_one_bad_clip_is_as_unseen_and_spares_its_neighbours(export):
    outcomes = {attack.name: attacks.outcome_of_values(export, attack) for attack in VALUES}
    assert set(outcomes.values()) == {"as unseen", "finite joints", "zeros"}
    for attack in VALUES:
        assert not attack.unseen or outcomes[attack.name] == "as unseen", attack.name


def test_other_shapes_and_types_are_refused_and_the_export_goes_on(export):
    for name in SHAPES:
        expected = "GAVE" if (export.kind, name) in BROADCAST else "refused"
        found = attacks.outcome_of_shape(export, name)
        assert found.startswith(expected), name
        assert "BROKEN" not in found, name


def test_a_state_that_is_not_its_own_begins_a_stream(export):
    assert {attacks.outcome_of_state(export, name) for name in STATES} == {"begins anew"}
