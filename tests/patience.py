"""How long a test waits for what is to come.

No test depends on how fast the machine is: it looks at what was done, never at how long that took. Where something must
be waited for, it is waited for so long that only what never comes is a failure. What hangs for good is ended by
pytest itself (`faulthandler_timeout` in pyproject.toml), with the lines that hung.
"""

from __future__ import annotations

PATIENCE = 300
"""Seconds."""
