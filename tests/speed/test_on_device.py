import dataclasses

import pytest

from anatomy_tf.speed.on_device import TfliteFiles, format_on_device, measure_on_device
from anatomy_tf.speed.subjects import with_frames
from tests.export.tflite.small_tflite import small_tflite


@pytest.mark.long
def test_figures_of_a_file_beside_those_of_the_model(cmu_test_clips, tmp_path):
    model, content = small_tflite()
    (tmp_path / "small.tflite").write_bytes(content)
    files = {"float32": TfliteFiles(*[tmp_path / "small.tflite"] * 2)}
    clips = [with_frames(clip, 20) for clip in cmu_test_clips[::40]]
    clips = [dataclasses.replace(clip, visibility=clip.visibility.clip(1e-3)) for clip in clips]
    figures = measure_on_device(model, files, clips[0], clips, rounds=1, seconds=0)
    keras, tflite = figures["Keras"], figures["float32"]
    assert tflite["bytes"] == len(content)
    for way in ("clip", "stream"):
        assert 0 < tflite[way]["differs_mm"] < 0.1
        expected = keras["clip"]["errors"]["mpjpe_mm"]
        assert tflite[way]["errors"]["mpjpe_mm"] == pytest.approx(expected, abs=0.1)
        assert 10**5 < tflite[way]["memory"] < 10**8
    assert set(keras["rates"]) == {"clip", "stream"}
    ways = {f"{way}, {threads}" for way in ("clip", "fixed", "stream") for threads in (1, 2)}
    assert set(tflite["rates"]) == ways


def test_one_table_of_all_models():
    def rates(**milliseconds):
        return {way.replace("_", ", "): {"call_p50_ms": ms} for way, ms in milliseconds.items()}

    def errors(mpjpe_mm, **others):
        return {"errors": {"mpjpe_mm": mpjpe_mm}} | others

    causal = {
        "Keras": {"clip": errors(59.2), "rates": rates(clip=10, stream=2)},
        "int8": {
            "bytes": 2_310_000,
            "clip": errors(60.1, memory=20e6, differs_mm=3.14),
            "stream": errors(60.2, memory=4e6, differs_mm=3.21),
            "rates": rates(clip_1=5, fixed_1=4, stream_1=0.1, clip_2=3, fixed_2=2, stream_2=0.12),
        },
    }
    symmetric = {"Keras": {"clip": errors(51.3), "rates": rates(clip=20)}}
    lines = format_on_device({"causal": causal, "symmetric": symmetric}, 300).splitlines()
    assert "ms, 300 frames" in lines[0]
    assert {line.count("|") for line in lines} == {11}
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
    assert rows == [
        ["causal", "Keras", "", "59.20", "", "", "2.000", "10.0", "", "30,000"],
        [
            *("causal", "int8", "2.31", "60.10 / 60.20", "3.140 / 3.210", "20.0 / 4.0"),
            *("0.100 / 0.120", "5.0 / 3.0", "4.0 / 2.0", "60,000 / 100,000"),
        ],
        ["symmetric", "Keras", "", "51.30", "", "", "", "20.0", "", "15,000"],
    ]
