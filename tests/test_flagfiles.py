import re

import pytest

from anatomy_tf.errors import InputError
from anatomy_tf.flagfiles import expand_flagfiles, read_flags


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder for flagfiles that is not the current one."""
    folder = tmp_path / "flagfiles"
    (folder / "deep").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return folder


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_flags_are_in_the_place_of_their_file(folder):
    path = write(folder / "a.cfg", "# comment\n\n--x=1\r\n  // more\n  --name=a b # c\n")
    for flagfile in ([f"--flagfile={path}"], [f"-flagfile={path}"], ["--flagfile", str(path)]):
        given = ["--first", *flagfile, "word", "--", "--flagfile=kept"]
        flags = ["--x=1", "--name=a b # c"]
        assert expand_flagfiles(given) == ["--first", *flags, "word", "--", "--flagfile=kept"]


def test_a_byte_order_mark_does_not_matter(folder):
    write(folder / "a.cfg", "--x=1\n--flagfile=b.cfg\n", "utf-8-sig")
    write(folder / "b.cfg", "--y=2\n", "utf-8-sig")
    assert read_flags(folder / "a.cfg") == ["--x=1", "--y=2"]


def test_included_files_are_found_beside_the_file(folder, tmp_path):
    write(folder / "deep" / "a.cfg", "--flagfile=../b.cfg\n  --flagfile=c.cfg\n--a\n")
    write(folder / "b.cfg", "--flagfile=deep/c.cfg\n--b\n")
    write(folder / "deep" / "c.cfg", "--c")
    write(tmp_path / "elsewhere" / "c.cfg", "--wrong")
    assert read_flags(folder / "deep" / "a.cfg") == ["--c", "--b", "--c", "--a"]


def test_included_files_are_found_from_the_current_folder_and_by_name(folder, tmp_path):
    write(tmp_path / "elsewhere" / "here.cfg", "--here")
    write(folder / "a.cfg", "--flagfile=here.cfg\n--flagfile=configs/ablation/paper_recipe.cfg\n")
    assert read_flags(folder / "a.cfg")[:2] == ["--here", "--filter_widths=3,3,3,3"]
    assert expand_flagfiles(["--flagfile=ablation/full"])[0] == "--filter_widths=3,3,3,3"


def test_a_file_may_be_included_twice_but_not_include_itself(folder):
    write(folder / "a.cfg", "--flagfile=b.cfg\n--flagfile=b.cfg\n")
    write(folder / "b.cfg", "--b\n")
    assert read_flags(folder / "a.cfg") == ["--b", "--b"]
    write(folder / "b.cfg", "--flagfile=deep/../a.cfg\n")
    with pytest.raises(InputError, match=r"b.cfg: includes .*a.cfg, which includes it$"):
        read_flags(folder / "a.cfg")
    write(folder / "c.cfg", "--flagfile=c.cfg\n")
    with pytest.raises(InputError, match=r"c.cfg: includes .*c.cfg, which includes it$"):
        read_flags(folder / "c.cfg")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"--x=1\n--flagfile=none.cfg\n", "a.cfg: line 2: none.cfg: file not found"),
        (b"--flagfile=deep\n", "a.cfg: line 1: deep: file not found"),
        (b"--flagfile=\n", "a.cfg: line 1: --flagfile= names no file"),
        (b"--flagfile=" + b"x" * 5000, "xxx': cannot be read (File name too long)"),
        (b"--flagfile\n", "a.cfg: line 1: --flagfile names no file"),
        (b"\xff\xfe-\0-\0x\0", "a.cfg: not a flagfile, which is text in UTF-8"),
    ],
)
def test_what_is_no_flagfile_gets_one_line(folder, content, message):
    (folder / "a.cfg").write_bytes(content)
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        expand_flagfiles([f"--flagfile={folder / 'a.cfg'}"])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("arguments", [["--flagfile="], ["--flagfile"], ["--flagfile", ""]])
def test_a_flagfile_has_a_name(arguments):
    with pytest.raises(InputError, match="^--flagfile=?: names no file"):
        expand_flagfiles(arguments)
