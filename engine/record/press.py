"""The press: hands a page to the typesetter's own process and takes the PDF back.

A process of its own, so that the product starts without the typesetter, answers while it works, and goes on when it
fails. What it needs from the machine may be missing: `missing` says what.
"""

from __future__ import annotations

import ctypes
import importlib.util
import subprocess
import sys
from pathlib import Path

PATIENCE = 240
"""Seconds that one page may take, well within a worker's lease."""
LIBRARIES = {
    "libpango-1.0-0": ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
    "libpangoft2-1.0-0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
    "libharfbuzz-subset0": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll"),
}
"""Package of Debian -> the file, as each system calls it."""
_HOME = Path(__file__).resolve().parents[2]


class PressFailed(Exception):
    """The page could not be set."""


def typeset(page: bytes) -> bytes:
    """The page as PDF/A. Takes seconds: never call it within a transaction. Raises `PressFailed`."""
    command = [sys.executable, "-m", "engine.record.typesetting"]
    try:
        done = subprocess.run(command, input=page, capture_output=True, timeout=PATIENCE, cwd=_HOME, check=False)
    except subprocess.TimeoutExpired:
        raise PressFailed(f"Det tog längre än {PATIENCE} sekunder.") from None
    except OSError as error:
        raise PressFailed(f"Sättningen gick inte att starta: {error.strerror}.") from error
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        raise PressFailed(_last_line(done.stderr) or f"Sättningen slutade med {done.returncode}.")
    return done.stdout


def missing() -> str:
    """Why nothing can be set on this machine, as a sentence; empty when it can."""
    if importlib.util.find_spec("weasyprint") is None:
        return "WeasyPrint är inte installerat."
    lacking = [package for package, files in LIBRARIES.items() if not any(map(_loads, files))]
    return f"Det saknas bibliotek: apt-get install {' '.join(lacking)}" if lacking else ""


def _loads(file: str) -> bool:
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:500] if lines else ""
