import subprocess
import sys

import pytest

from anatomy_tf import shipped
from anatomy_tf.errors import InputError
from anatomy_tf.models.lifter import load_lifter

ROOT = shipped.checkout()


def test_what_ships_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {"cmu_27f", "device_81f"} <= set(shipped.model_names())
    for name in shipped.model_names():
        for form in (name, f"saved_models/{name}", f"saved_models/{name}/"):
            assert shipped.model_path(form) == ROOT / "saved_models" / name
    for name in ("cmu_quick", "cmu_quick.cfg", "configs/cmu_quick", "configs/cmu_quick.cfg"):
        assert shipped.flagfile_path(name) == ROOT / "configs" / "cmu_quick.cfg"
    assert shipped.flagfile_path("ablation/full") == ROOT / "configs" / "ablation" / "full.cfg"
    assert shipped.tool_paths()["train"] == ROOT / "tools" / "train.py"


def test_models_are_loaded_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_lifter("cmu_27f").receptive_field == 27


def test_a_model_at_the_path_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "cmu_27f"
    own.mkdir()
    (own / "model.keras").write_text("")
    assert shipped.model_path("cmu_27f").resolve() == own
    (tmp_path / "device_81f").write_text("")
    assert shipped.model_path("device_81f").is_file()


def test_a_folder_without_a_model_is_never_silently_another_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cmu_27f").mkdir()
    with pytest.raises(InputError, match=r"^cmu_27f/model.keras: file not found; it hides"):
        shipped.model_path("cmu_27f")
    assert shipped.model_path("saved_models/cmu_27f").is_dir()
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match=r"^mine/model.keras: file not found$"):
        shipped.model_path("mine")


@pytest.mark.parametrize("name", ["cmu_27", "./cmu_27f", "runs/cmu_27f", "../saved_models/cmu_27f"])
def test_an_unknown_model_gets_a_line_with_those_that_ship(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"file not found, nor a model that ships: .*cmu_27f"):
        shipped.model_path(name)


def test_a_flagfile_at_the_path_wins_and_a_folder_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cmu_quick").mkdir()
    assert shipped.flagfile_path("cmu_quick") == ROOT / "configs" / "cmu_quick.cfg"
    (tmp_path / "cmu_27f").write_text("--channels=8\n")
    assert shipped.flagfile_path("cmu_27f").resolve() == tmp_path / "cmu_27f"
    for name in ("cmu_quick.txt", "cmu", "../configs/cmu_quick.cfg"):
        with pytest.raises(InputError, match="file not found, nor a flagfile .*cmu_quick"):
            shipped.flagfile_path(name)
    with pytest.raises(InputError, match="a folder, nor a flagfile that ships"):
        shipped.flagfile_path(tmp_path)


def test_it_needs_no_tensorflow():
    code = (
        "import sys, anatomy_tf.shipped as shipped, anatomy_tf.commands as commands\n"
        "shipped.model_path('cmu_27f'), shipped.flagfile_path('cmu_quick'), commands.overview()\n"
        "assert 'tensorflow' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
