"""The frame table of clips that are more than memory holds."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterable

from anatomy_tf.data.batches.frame_table import ROWS, ClipFacts, FrameTable, mirrors
from anatomy_tf.data.batches.rows_on_disk import RowsOnDisk
from anatomy_tf.data.clip import Clip
from anatomy_tf.files import scratch_folder


def frame_table_on_disk(
    clips: Iterable[Clip], folder: pathlib.Path, flip: bool = True
) -> FrameTable:
    """What `build_frame_table` gives, but with the rows in files, so that no more than a clip at a
    time is in memory.

    The files lose their names as soon as they are mapped: they are gone when nobody reads them any
    more, however that comes about.

    Args:
      clips: may be made as they are read.
      folder: where the files are, with room for 604 bytes a frame of 17 joints; mirrored copies
        take none.

    Raises:
      InputError: as `build_frame_table`, or the folder cannot be written.
    """
    facts = ClipFacts()
    with scratch_folder(folder / "frames") as inside, contextlib.ExitStack() as opened:
        files = {name: opened.enter_context((inside / name).open("wb")) for name in ROWS}
        forms = {}
        for clip in clips:
            for name, values in facts.rows_of(clip).items():
                forms[name] = values.dtype, values.shape[1:]
                files[name].write(values.data)
        opened.close()
        mirrored = mirrors(facts.checked_skeleton()) if flip else {}
        rows = {name: RowsOnDisk(inside / name, *forms[name], mirrored.get(name)) for name in ROWS}
    return facts.table(rows, flip)
