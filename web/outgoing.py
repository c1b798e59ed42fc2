"""What leaves and comes by machine, put together from the settings."""

from __future__ import annotations

from store import seals, webhooks
from store.database import Database
from web.login.provider import Provider
from web.settings import BadSetting, Settings
from webhooks.errors import BadKey
from webhooks.mail import SECURITY, MailServer
from webhooks.outbound import Outbound, networks
from webhooks.sending import Sender
from webhooks.vault import Vault, is_bare, unopened

NO_KEY = "KF_SECRET_KEY saknas: det som låser mottagares hemligheter. Gör en: kunskapsflode webhook key."


def sender(db: Database, settings: Settings) -> Sender:
    """The sender of an installation. Raises `BadSetting`."""
    return Sender(db, outbound(settings), settings.address, mail_server(settings), vault(settings))


def vault(settings: Settings) -> Vault:
    """What seals the secrets of receivers. Raises `BadSetting`."""
    try:
        return Vault(tuple(each.strip() for each in settings.secret_key.split(",") if each.strip()))
    except BadKey as error:
        raise BadSetting(f"secret_key: {error}") from error


def vault_to_seal(settings: Settings) -> Vault:
    """As `vault`, for a new secret: in production there must be a key. Raises `BadSetting`."""
    found = vault(settings)
    if settings.production and not found.keys:
        raise BadSetting(NO_KEY)
    return found


def require_keys(db: Database, settings: Settings) -> None:
    """Before anything starts: every secret in the database can be opened, and in production none stands bare; and the
    key that history was last written with is there.

    Raises `BadSetting`.
    """
    keys = vault(settings)
    with db.read() as reader:
        kept = list(webhooks.secrets(reader).values())
        if seals.missing_key(reader):
            raise BadSetting("Historiken är låst med en nyckel som saknas i KF_HISTORY_KEY.")
    if lost := unopened(kept, keys):
        raise BadSetting(f"{lost} mottagares hemligheter är låsta med en nyckel som saknas i KF_SECRET_KEY.")
    if settings.production and any(map(is_bare, kept)):
        raise BadSetting(f"{NO_KEY} Kör sedan kunskapsflode webhook seal: mottagares hemligheter står olåsta.")


def outbound(settings: Settings) -> Outbound:
    """Where events may be sent. Raises `BadSetting`."""
    return _outbound("webhooks_allow_private", settings.webhooks_allow_private)


def provider(settings: Settings) -> Provider | None:
    """The region's log-in service; None where there is none. Raises `BadSetting`."""
    if not settings.oidc_issuer:
        if not settings.passwords:
            raise BadSetting("password_login är off och oidc_issuer är tom: ingen kan logga in.")
        return None
    if not settings.oidc_client_id:
        raise BadSetting("oidc_client_id ska vara det namn som inloggningstjänsten känner oss under.")
    if "openid" not in settings.oidc_scopes.split():
        raise BadSetting("oidc_scopes ska ha openid med.")
    return Provider(settings, _outbound("oidc_allow_private", settings.oidc_allow_private))


def _outbound(setting: str, allowed: str) -> Outbound:
    try:
        return Outbound(networks(allowed))
    except ValueError as error:
        raise BadSetting(f"{setting} ska vara nät, som 10.1.0.0/16, 127.0.0.1: {error}") from error


def mail_server(settings: Settings) -> MailServer | None:
    """None where no mail is sent. Raises `BadSetting`."""
    if not settings.smtp_host:
        return None
    if "@" not in settings.smtp_from:
        raise BadSetting("smtp_from ska vara den adress som brev kommer från.")
    if settings.smtp_security not in SECURITY:
        raise BadSetting(f"smtp_security ska vara en av {', '.join(SECURITY)}, inte {settings.smtp_security}.")
    return MailServer(
        settings.smtp_host,
        settings.smtp_from,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password,
    )


def hook_secrets(settings: Settings) -> dict[str, list[str]]:
    """Source -> what it may sign with; several while one is being changed. Raises `BadSetting`."""
    found: dict[str, list[str]] = {}
    for each in filter(None, (part.strip() for part in settings.hook_secrets.split(","))):
        source, equals, secret = each.partition("=")
        if not equals or not secret.startswith("whsec_"):
            raise BadSetting("hook_secrets ska vara källa=whsec_..., åtskilda med komma.")
        found.setdefault(source.strip(), []).append(secret.strip())
    return found
