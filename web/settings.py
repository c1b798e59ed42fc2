"""Settings of an installation: `KF_*` in the environment, else a TOML file, else a default.

The TOML file is `kunskapsflode.toml` in the working directory, or the one that `KF_SETTINGS` names; its keys are
the names below (`database_url = "postgresql://..."`). An unknown key is refused, so that a misspelling is seen.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from store import chain_keys
from store.chain_keys import ChainKeys


class SettingsError(Exception):
    """The settings cannot be used as they are written."""


class UnknownSetting(SettingsError):
    """A setting has a name that nothing reads."""


class BadSetting(SettingsError):
    """A setting has a value that cannot be understood."""


LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Settings:
    """All that differs from one installation to the next."""

    database_url: str = "sqlite:///data/kunskapsflode.sqlite3"
    region: str = "jh"
    """Key of the region profile: `processes/regions/<region>.yaml`."""
    env: str = "development"
    """`production`, `development` or `demo`. A production clock cannot be moved."""
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""
    """Address that links in mail and feeds start with; empty means `http://<host>:<port>`."""
    clock_seconds: int = 5
    """How often the clock looks for what is due."""
    smtp_host: str = ""
    """Where mail is handed over; empty: no mail is sent, and it waits."""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    """`starttls`, `tls` or `none`."""
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_from: str = ""
    """The address that mail comes from."""
    requests_per_minute: int = 12_000
    """How many requests of one program, with its token or from its source, a process lets through; 0: any number."""
    webhooks_allow_private: str = ""
    """Networks of one's own that events may be sent to, by http too: `10.1.0.0/16, 127.0.0.1`."""
    secret_key: str = field(default="", repr=False)
    """What the secrets of receivers are sealed with in the database; the one in use first, older ones after a comma."""
    history_key: str = field(default="", repr=False)
    """What history is locked with; the one in use first, older ones after a comma, kept for what they have written."""
    hook_secrets: str = field(default="", repr=False)
    """What sources sign with: `national=whsec_..., other=whsec_...`; the same source twice while one is changed."""
    oidc_issuer: str = ""
    """Address of the region's log-in service (OpenID Connect); empty: there is none."""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    """Empty for a client that the service trusts by PKCE alone."""
    oidc_scopes: str = "openid profile email"
    oidc_subject_claim: str = "sub"
    """What names a person for ever and is never given to another: `sub`, or an id of the region's own."""
    oidc_name_claim: str = "name"
    oidc_email_claim: str = "email"
    oidc_groups_claim: str = "groups"
    oidc_allow_private: str = ""
    """Networks of one's own that the log-in service may stand in, by http too: `10.1.0.0/16, 127.0.0.1`."""
    password_login: str = "on"
    """`off` where everyone logs in at the region's service; demo accounts are closed with it."""
    log: str = ""
    """`json` or `text`, to standard error; empty means json in production."""
    metrics_token: str = field(default="", repr=False)
    """What /metrics asks for; empty: programs on this machine only."""
    postgresql_programs: str = ""
    """Folder of pg_dump and pg_restore, for back-ups; empty means PATH."""
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where each value came from: `standard`, `miljö KF_...` or the name of the file."""

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def demo(self) -> bool:
        """Demo accounts are open, and only to this machine itself."""
        return self.env == "demo"

    @property
    def passwords(self) -> bool:
        """Whether people may log in with a password of ours."""
        return self.password_login == "on"

    @property
    def chain_keys(self) -> ChainKeys:
        """What history is written with. Raises `BadSetting`."""
        try:
            return chain_keys.read(self.history_key)
        except chain_keys.BadChainKey as error:
            raise BadSetting(f"history_key: {error}") from error

    @property
    def log_format(self) -> str:
        """`json` or `text`."""
        return self.log or ("json" if self.production else "text")

    @property
    def loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def address(self) -> str:
        """What links begin with, without a slash at its end."""
        return self.base_url.rstrip("/") or f"http://{self.host}:{self.port}"


NAMES = tuple(each.name for each in fields(Settings) if each.name != "sources")
SECRET = frozenset(
    {"smtp_password", "metrics_token", "secret_key", "history_key", "hook_secrets", "oidc_client_secret"}
)
"""Never shown."""
CHOICES = {"env": ("production", "development", "demo"), "password_login": ("on", "off"), "log": ("", "json", "text")}


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force. Raises `SettingsError` naming what is wrong and where."""
    file, written = _file(environ)
    values: dict[str, Any] = {}
    sources = dict.fromkeys(NAMES, "standard")
    for name in NAMES:
        variable = f"KF_{name.upper()}"
        if variable in environ:
            values[name], sources[name] = environ[variable], f"miljö {variable}"
        elif name in written:
            values[name], sources[name] = written[name], str(file)
    return Settings(**{name: _typed(name, value) for name, value in values.items()}, sources=sources)


def _file(environ: Mapping[str, str]) -> tuple[Path, dict[str, Any]]:
    named = environ.get("KF_SETTINGS")
    path = Path(named or "kunskapsflode.toml")
    if not path.is_file():
        if named:
            raise BadSetting(f"KF_SETTINGS pekar på {path}, som inte finns.")
        return path, {}
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} går inte att läsa som TOML: {error}") from error
    for name in written:
        if name not in NAMES:
            raise UnknownSetting(f"{path}: inställningen {name} finns inte. De som finns: {', '.join(NAMES)}.")
    return path, written


def _typed(name: str, value: Any) -> Any:
    if name in ("port", "clock_seconds", "smtp_port", "requests_per_minute"):
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise BadSetting(f"{name} ska vara ett heltal, inte {value!r}.") from error
    if not isinstance(value, str):
        raise BadSetting(f"{name} ska vara text, inte {value!r}.")
    if value not in CHOICES.get(name, (value,)):
        raise BadSetting(f"{name} ska vara en av {', '.join(CHOICES[name])}, inte {value!r}.")
    return value
