"""Commands out of blocks of shell, and the flags that make them small enough to be run here."""

import dataclasses
import pathlib
import re
import shlex

from tests.docs.pages import ROOT, Block, blocks, inline_commands

SMALL_TRAINING = (
    *("--filter_widths=3,3", "--channels=8", "--sampled_frames=4", "--batch_size=16"),
    *("--steps_per_epoch=2", "--epochs=1", "--statistics_batches=1", "--noexport"),
    "--sub_networks=1",
)
SMALL = {
    "train": SMALL_TRAINING,
    "prepare_mocap": ("--shortest_seconds=0.5",),
    "picture": ("--columns=2",),
    "evaluate": ("--num_cameras=4",),
    "complexity": ("--filter_widths=3,3",),
}
"""What is added to a tool's own flags; the last one of a flag counts."""
SMALL_CMU = "small_cmu"
"""Folder of a few short clips, read in place of the data set that is shipped."""
IN_TEXT = "in the middle of a text, so it may leave out flags that are required"
_PYTHONS = ("python", ".venv/bin/python", "venv/bin/python")


@dataclasses.dataclass(frozen=True)
class Command:
    """The words of a command in a page, and where they stand."""

    where: str
    page: str
    words: tuple[str, ...]
    not_run: str | None

    def tool(self) -> tuple[str, list[str]] | None:
        """Name and flags, if it is one of the project's tools."""
        program, *arguments = self.words
        if program == "anatomy-tf" and arguments:
            return arguments[0].replace("-", "_"), arguments[1:]
        if program in _PYTHONS and arguments and re.fullmatch(r"tools/\w+\.py", arguments[0]):
            return pathlib.PurePath(arguments[0]).stem, arguments[1:]
        return None

    def small_flags(self) -> list[str]:
        """Of its tool, so that it takes little time."""
        tool, flags = self.tool()
        reads_cmu = tool in ("train", "evaluate") or "--data=cmu" in flags
        data = [f"--data_dir={SMALL_CMU}"] if reads_cmu else []
        return [*data, *flags, *SMALL.get(tool, ())]

    def script(self) -> tuple[pathlib.Path, list[str]] | None:
        """Path and flags, if it is another Python file of the project."""
        program, *arguments = self.words
        path = arguments[0] if arguments else ""
        if program in _PYTHONS and re.fullmatch(r"(examples|docs)/[\w/]+\.py", path):
            return ROOT / path, arguments[1:]
        return None

    def python_code(self) -> str | None:
        """Of `python -c CODE`."""
        program, *arguments = self.words
        return arguments[1] if program in _PYTHONS and arguments[:1] == ["-c"] else None

    def extras(self) -> list[str]:
        """Of the project, that it installs."""
        found = re.search(r"install .*-e \.\[([\w,-]+)\]", " ".join(self.words))
        return found[1].split(",") if found else []


def commands(block: Block) -> list[Command]:
    """A command a line, after `&&` as well; comments and what goes to a file are left out."""
    found, line = [], ""
    for part in block.code.splitlines():
        line += part.removesuffix("\\") + ("\n" if not part.endswith("\\") else "")
        if part.endswith("\\"):
            continue
        try:
            words = shlex.split(line, comments=True)
        except ValueError:  # a quote that the next line closes
            continue
        line = ""
        found += [Command(str(block), block.page, one, block.not_run) for one in _chained(words)]
    assert not line.strip(), f"{block}: a quote is not closed"
    return found


def all_commands() -> list[Command]:
    """Those of all blocks of shell, and those in backticks, which are not run."""
    found = [command for block in blocks("sh") for command in commands(block)]
    for page, code in inline_commands():
        found += [Command(page, page, words, IN_TEXT) for words in _chained(shlex.split(code))]
    return found


def _chained(words: list[str]) -> list[tuple[str, ...]]:
    chain: list[list[str]] = [[]]
    for word in words:
        if word == "&&":
            chain.append([])
        else:
            chain[-1].append(word)
    cut = (one[: one.index(">")] if ">" in one else one for one in chain)
    return [tuple(one) for one in cut if one]
