import json

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.evaluation.comparison import comparison_rows, read_runs, write_table


@pytest.fixture
def runs(tmp_path):
    def write(name: str, flags: str, error: float, **facts):
        folder = tmp_path / name / "seed_0"
        folder.mkdir(parents=True)
        (folder / "flags.cfg").write_text(flags)
        actions = {"walking": {"mpjpe_mm": error + 1}}
        report = {"mpjpe_mm": error, "actions": actions, "protocol": {"parameters": 7}}
        (folder / "metrics.json").write_text(json.dumps(report | {"run": facts}))
        return folder

    best = {"epoch": 2, "mpjpe_mm": 49.96}
    return [
        write("a", "--optimizer=adam\n--noflip\n--epochs=3\n", 50.04, seed=0, best=best),
        write("b", "--optimizer=lamb\n--flip\n--epochs=3\n--new=1\n", 60.0, seed=1),
    ]


def test_what_differs_and_the_errors_stand_side_by_side(runs):
    assert comparison_rows(read_runs(runs)) == [
        ["", "a/seed_0", "b/seed_0"],
        ["--flip", "no", "yes"],
        ["--new", "", "1"],
        ["--optimizer", "adam", "lamb"],
        ["MPJPE", "50.0", "60.0"],
        ["MPJPE, walking", "51.0", "61.0"],
        ["parameters", "7", "7"],
        ["seed", "0", "1"],
        ["best validated MPJPE", "50.0 after epoch 2", ""],
    ]


def test_tables_as_text_markdown_and_csv(runs, tmp_path):
    rows = [["", "a|b"], ["MPJPE", "50,0"]]
    expected = {
        "txt": "         a|b\nMPJPE   50,0\n",
        "md": "|  | a\\|b |\n| -- | -: |\n| MPJPE | 50,0 |\n",
        "csv": ',a|b\nMPJPE,"50,0"\n',
    }
    for ending, text in expected.items():
        write_table(rows, tmp_path / f"table.{ending}")
        found = (tmp_path / f"table.{ending}").read_text()
        assert found.split() == text.split() if ending == "txt" else found == text
    with pytest.raises(InputError, match=r"table.pdf: tables are .txt, .md, .csv"):
        write_table(rows, tmp_path / "table.pdf")


def test_what_is_no_run_is_named(runs, tmp_path):
    with pytest.raises(InputError, match=r"other: no run, which has a flags.cfg"):
        read_runs([*runs, tmp_path / "other"])
    (runs[0] / "metrics.json").write_text("[]")
    with pytest.raises(InputError, match=r"a/seed_0/metrics.json: not the report of a run"):
        read_runs(runs)
    (runs[0] / "metrics.json").unlink()
    with pytest.raises(InputError, match=r"a/seed_0: no finished run"):
        read_runs(runs)
