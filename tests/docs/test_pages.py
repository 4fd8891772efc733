"""What the pages say about names, files and each other."""

import importlib
import re

import pytest

from anatomy_tf.data.keypoint_sets import KEYPOINT_SETS
from tests.docs.pages import LANGUAGES, PAGES, ROOT, blocks, text


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if re.match(r"https?:", target):
            continue
        path, _, heading = target.partition("#")
        linked = (ROOT / page).parent / path if path else ROOT / page
        assert linked.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {_anchor(words) for words in headings}, target


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_block_says_what_it_is():
    others = [str(block) for block in blocks() if block.language not in LANGUAGES]
    assert others == []


def test_the_index_leads_to_every_page():
    linked = set(re.findall(r"\]\(([\w/.]+\.md)", text("docs/index.md")))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"} <= linked


def test_keypoint_sets_are_those_of_the_code():
    rows = re.findall(
        r"^\| `(\w+)` \| (\d+) \| .+? \| (.+?) \|$", text("docs/coordinates.md"), re.M
    )
    shown = {name: (int(count), tuple(joints.split(", "))) for name, count, joints in rows}
    assert shown == {name: (len(joints), joints) for name, joints in KEYPOINT_SETS.items()}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_installs_from_an_index_that_does_not_have_it(page):
    assert not re.search(r"pip install ['\"]?anatomy.tf", text(page))


@pytest.mark.parametrize("page", PAGES)
def test_who_shows_17_points_says_whose(page):
    assert not re.search(r"\b17, 2\)", text(page)) or re.search(r"COCO|Human3\.6M", text(page))


@pytest.mark.parametrize("page", PAGES)
def test_what_pages_name_in_the_package_exists(page):
    for path in re.findall(r"`(anatomy_tf/[\w/.]+)`", text(page)):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"`(anatomy_tf\.[\w.]+)[`(]", text(page)):
        found = importlib.import_module("anatomy_tf")
        for part in name.split(".")[1:]:
            if not hasattr(found, part):
                importlib.import_module(f"{found.__name__}.{part}")
            found = getattr(found, part)
