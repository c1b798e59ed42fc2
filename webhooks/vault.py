"""What keeps the secrets of endpoints shut in the database: a copy of it signs nothing.

A sealed secret is a Fernet token (AES-128-CBC and HMAC-SHA256) under a key that stands in the settings. Where there is
no key, as on a developer's own machine, secrets are kept as they are, and the doctor says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from store import webhooks
from store.database import Database
from webhooks.errors import BadKey, Sealed
from webhooks.signing import SECRET_PREFIX


@dataclass(frozen=True)
class Vault:
    """Seals with the first key, and opens with any of them: so keys are changed without a gap."""

    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises `BadKey`."""
        for each in self.keys:
            try:
                Fernet(each)
            except ValueError:
                raise BadKey("En nyckel ska vara 32 byte som base64. Gör en: kunskapsflode webhook key") from None

    def seal(self, secret: str) -> str:
        """The secret as it is kept: sealed with the first key, or bare where there is none."""
        return self._fernet().encrypt(secret.encode()).decode() if self.keys else secret

    def open(self, kept: str) -> str:
        """Raises `Sealed` when none of the keys fits."""
        if kept.startswith(SECRET_PREFIX):
            return kept
        try:
            return self._fernet().decrypt(kept).decode()
        except (InvalidToken, ValueError):
            raise Sealed("Mottagarens hemlighet är låst med en nyckel som inte finns i inställningarna.") from None

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(each) for each in self.keys])


def new_key() -> str:
    """A key for `KF_SECRET_KEY`."""
    return Fernet.generate_key().decode()


def unopened(kept: Iterable[str], vault: Vault) -> int:
    """How many secrets none of the keys opens."""
    return sum(not _opens(each, vault) for each in kept)


def is_bare(kept: str) -> bool:
    """Whether a secret stands in the database as it is."""
    return kept.startswith(SECRET_PREFIX)


def reseal(db: Database, vault: Vault) -> int:
    """Seal every secret anew with the first key: after a key has been added or changed. Answers how many.

    Raises `Sealed` when one does not open, and then nothing is changed.
    """
    with db.transaction() as tx:
        kept = webhooks.secrets(tx)
        for id, secret in kept.items():
            webhooks.reseal(tx, id, vault.seal(vault.open(secret)))
        return len(kept)


def _opens(kept: str, vault: Vault) -> bool:
    try:
        vault.open(kept)
    except Sealed:
        return False
    return True
