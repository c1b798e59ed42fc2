"""The one file of a back-up: a zip archive of the database's own copy and a manifest that says what it is."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any

from store.errors import Damaged, FileExists, NotABackup

FORMAT = 1
MANIFEST = "manifest.json"
BIGGEST_MANIFEST = 100_000
"""Bytes: a manifest says a few lines, whatever the size of the database."""
PIECE = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a back-up says of itself."""

    version: str
    """Of the product that took it."""
    schema: str
    """The step of the schema."""
    database: str
    """`sqlite` or `postgresql`."""
    taken: str
    """The moment that it shows."""
    payload: str
    """Name of the other file in the archive."""
    bytes: int
    sha256: str
    """Of the payload, hex."""
    chains: dict[str, Any]
    """Where the chains of history ended: `chains`, `rows`, `sha256`."""
    seal: dict[str, Any]
    """The last seal, as `audit head` shows it."""
    format: int = FORMAT


@contextmanager
def room(folder: Path | None) -> Iterator[Path]:
    """A folder of its own for what is on its way, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".kunskapsflode-", dir=folder) as made:
        yield Path(made)


def require_new(file: Path) -> None:
    """Nobody's earlier back-up is overwritten."""
    if file.exists():
        raise FileExists(f"{file} finns redan. Välj ett annat namn.")
    if not file.absolute().parent.is_dir():
        raise FileExists(f"Mappen {file.absolute().parent} finns inte.")


def pack(payload: Path, file: Path, **said: Any) -> Manifest:
    """Write the archive; the file is there whole, or not at all. Only its owner may read it."""
    manifest = Manifest(payload=payload.name, bytes=payload.stat().st_size, sha256=_sum(payload), **said)
    part = payload.with_name("archive.zip")
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as written:
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            archive.write(payload, payload.name)
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=2))
        written.flush()
        os.fsync(written.fileno())
    os.replace(part, file)
    return manifest


def unpack(file: Path, into: Path) -> tuple[Manifest, Path]:
    """The manifest and the checked payload. Raises NotABackup and Damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            return manifest, _payload(archive, manifest, into)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        # The last is what zipfile says of a compression or an encryption that it does not know.
        raise NotABackup(f"{file} är ingen säkerhetskopia, eller så är den avklippt eller skadad.") from error
    except OSError as error:
        raise NotABackup(f"{file} går inte att läsa: {error.strerror or error}.") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    names = archive.namelist()
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > BIGGEST_MANIFEST:
        raise NotABackup
    try:
        said = json.loads(archive.read(MANIFEST))
        manifest = Manifest(**said)
    except (ValueError, TypeError) as error:
        raise NotABackup from error
    if manifest.format != FORMAT:
        raise NotABackup(f"Säkerhetskopian har formatet {manifest.format}, som det här programmet inte kan läsa.")
    if sorted(names) != sorted((MANIFEST, manifest.payload)) or not _is_sound(manifest):
        raise NotABackup
    return manifest


def _is_sound(manifest: Manifest) -> bool:
    kinds = {"str": str, "int": int, "dict[str, Any]": dict}
    return all(isinstance(getattr(manifest, each.name), kinds[str(each.type)]) for each in fields(Manifest))


def _payload(archive: zipfile.ZipFile, manifest: Manifest, into: Path) -> Path:
    landed = into / "payload"
    with archive.open(manifest.payload) as packed, landed.open("wb") as written:
        total, digest = 0, hashlib.sha256()
        while piece := packed.read(PIECE):
            total += len(piece)
            if total > manifest.bytes:
                raise Damaged
            digest.update(piece)
            written.write(piece)
    if (total, digest.hexdigest()) != (manifest.bytes, manifest.sha256):
        raise Damaged
    return landed


def _sum(path: Path) -> str:
    with path.open("rb") as content:
        return _digest(content)


def _digest(content: IO[bytes]) -> str:
    return hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
