import pytest

from anatomy_tf.errors import InputError


@pytest.mark.parametrize(
    "name, shown",
    [
        ("a\nb\x1b[2Jc", r"a\nb\x1b[2Jc"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\ud800", r"\ud800"),
        ("Schüler 名前", "Schüler 名前"),
    ],
)
def test_names_out_of_files_do_not_steer_a_terminal(name, shown):
    error = InputError(f"walk.json: {name} is no joint")
    assert str(error) == f"walk.json: {shown} is no joint"
    assert str(InputError(f"again: {error}")) == f"again: {error}"


def test_a_long_message_keeps_its_start_and_end():
    text = str(InputError(f"walk.json: {'x' * 10_000} is no joint"))
    assert len(text) < 2000
    assert text.startswith("walk.json: x")
    assert text.endswith("x is no joint")
