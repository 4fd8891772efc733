from anatomy_tf.speed.library_subject import library_subject


def test_all_ways_lift_the_same_files(cmu_test_clips, tmp_path):
    subject = library_subject(cmu_test_clips[:2], 2, "cmu_27f", 2, tmp_path)
    frames = {name: way() for name, way in subject.ways.items() if "processes" not in name}
    assert len(set(frames.values())) == 1
    written = [sorted(path.name for path in tmp_path.glob(f"lifted{i}/*")) for i in range(2)]
    assert written[0] == written[1]
    assert "clip0001.npz" in written[0] and "index.csv" in written[0]
