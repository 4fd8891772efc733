"""Fewer searches for garbage."""

import gc


def collect_rarely() -> None:
    """What is imported stays, and graphs are built of many small objects that live on for a while:
    searching them for garbage again and again takes a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
