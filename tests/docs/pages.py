"""The pages of the project, and the blocks of code and inline commands in them."""

import dataclasses
import functools
import pathlib
import re

from markdown_it import MarkdownIt

ROOT = pathlib.Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/*.md", "*/*/README.md")
    for path in ROOT.glob(pattern)
)
LANGUAGES = {"python", "sh", "text", "json", "kotlin", "swift", "bibtex"}
"""What a block may be. Python and commands are run; the others are shown."""
_NOT_RUN = re.compile(r"<!-- not run: (.+?) -->", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of code. `not_run` is the reason that the comment before it gives, if there is one:
    `<!-- not run: it takes minutes -->`.
    """

    page: str
    line: int
    language: str
    code: str
    not_run: str | None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@functools.cache
def blocks(language: str | None = None) -> list[Block]:
    """All blocks of all pages, in order; those of one language if it is given."""
    found = []
    for page in PAGES:
        before = None
        for token in _tokens(page):
            if token.type == "fence":
                reason = _NOT_RUN.search(before.content) if before else None
                found.append(
                    Block(
                        page,
                        token.map[0] + 1,
                        token.info.strip(),
                        token.content,
                        reason and reason[1],
                    )
                )
            before = token if token.type == "html_block" else None
    return [block for block in found if language in (None, block.language)]


@functools.cache
def inline_commands() -> list[tuple[str, str]]:
    """Pages, and what stands in backticks in their prose and begins like a command."""
    commands = re.compile(r"(python tools/|anatomy-tf \w|python examples/|pip install )")
    return [
        (page, " ".join(code.content.split()))
        for page in PAGES
        for token in _tokens(page)
        for code in token.children or ()
        if code.type == "code_inline" and commands.match(code.content)
    ]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _tokens(page: str):
    return MarkdownIt("commonmark").enable("table").parse(text(page))
