"""Rehearsals: scenarios that are data, played in a region of their own on a clock that they move.

`rehearsals.py` plays a file step by step, `house.py` is where, `stage.py` says what is seen and expected. `years.py`
lets a long time pass, with `filling.py` for answers nobody wrote down and `months.py` for the strip.
"""
