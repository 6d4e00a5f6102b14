"""What a process that stays does once, when all that it needs is loaded."""

import gc


def keep_what_is_loaded() -> None:
    """Leave modules, models and settings out of garbage collection from here on.

    They are never garbage, and looking through them again and again takes a fifth of a sweeping worker's time.
    """
    gc.collect()
    gc.freeze()
