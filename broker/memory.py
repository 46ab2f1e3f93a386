"""What a process that serves for long does with its memory once everything is loaded."""

import gc

_YOUNG = 20_000
"""Objects made and still held before the collector looks at the young ones; Python's own 700 are one or two events."""


def settle_memory() -> None:
    """Take what has been loaded out of the garbage collector's sight, and have it look less often.

    Modules, contracts and routes live as long as the process, and were gone through again and again. All three
    generations go on being collected, so that what cycles hold is a few megabytes and does not grow.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
