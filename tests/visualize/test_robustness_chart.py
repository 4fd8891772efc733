from anatomy_tf.evaluation.robustness import BINS, ROBUSTNESS_METRICS
from anatomy_tf.visualize.robustness_chart import draw_robustness


def test_every_fact_has_a_panel(tmp_path):
    errors = dict.fromkeys(ROBUSTNESS_METRICS, 9.5) | {"clips": 3}
    report = {"overall": errors, "by": {fact: {"< 1": errors, ">= 1": errors} for fact in BINS}}
    draw_robustness(report, tmp_path / "errors.svg")
    drawn = (tmp_path / "errors.svg").read_text()
    for fact in (*BINS, "over all clips", "error in degrees"):
        assert f"<!-- {fact}" in drawn or fact in drawn
