"""How often Python looks for garbage in a program that goes on for months.

Most of what a step makes goes by itself, the moment nothing names it. Only rings of objects wait to be looked for, and
Python would look after every 700 new ones, time and again through all that the program has loaded and keeps anyway.
"""

from __future__ import annotations

import gc

NEW_OBJECTS, ROUNDS = 50_000, 20
"""New objects between two looks at the youngest; and such looks between two at the older. A few MB may wait."""


def look_seldom() -> None:
    """What is loaded now stays and is not looked through again; what comes is looked through less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, ROUNDS, ROUNDS)
