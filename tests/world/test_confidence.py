import dataclasses

import numpy as np

from anatomy_tf.world.confidence import confidence


def test_it_falls_where_keypoints_are_missed_and_lifts_disagree(track):
    path = track.path()
    rays = track.rays.copy()
    rays[100:120, 16] += 0.2
    missed = dataclasses.replace(track, rays=rays)
    sure = confidence(track, path, None)
    unsure = confidence(missed, path, None)
    assert unsure[110, 16] < sure[110, 16] - 0.3
    np.testing.assert_array_equal(unsure[:80], sure[:80])
    agreed = confidence(track, path, np.full(track.scores.shape, 0.01))
    apart = confidence(track, path, np.full(track.scores.shape, 0.4))
    assert (apart < agreed).all()
    for values in (sure, unsure, agreed, apart):
        assert np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1
