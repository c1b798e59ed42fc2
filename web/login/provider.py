"""The region's log-in service, asked by OpenID Connect: authorization code with PKCE, state and nonce.

Authlib writes the questions and judges the answers; what is sent goes by our own way out. A token is used where it
arrives and is neither kept nor logged.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from engine.arrivals import Arrival
from web.login.errors import BadAnswer, ClocksDiffer, GroupsLeftOut, LoginError, ServiceAway
from web.settings import Settings
from webhooks.errors import DoorError
from webhooks.outbound import Answer, Outbound

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures that only the service can make. Not `none`, and none that our own secret could make."""
LEEWAY = 60
"""Seconds that the service's clock may differ from ours."""
FRESH = 600.0
"""Seconds that the service's description of itself is gone by."""
BACK = "/logga-in/svar"
LEFT = "/logga-in"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OVERAGE = "_claim_names"
"""Where a service says which claims it left out because there were too many."""


@dataclass(frozen=True)
class Reply:
    """An answer as Authlib's client reads it."""

    answer: Answer

    @property
    def status_code(self) -> int:
        return self.answer.status

    def json(self) -> dict[str, Any]:
        """The JSON object of the answer. Raises `BadAnswer`."""
        try:
            found = json.loads(self.answer.text)
        except (ValueError, RecursionError) as error:
            raise BadAnswer("no JSON") from error
        if not isinstance(found, dict):
            raise BadAnswer("no JSON object")
        return found

    def raise_for_status(self) -> None:
        if self.status_code >= 500:
            raise ServiceAway(f"status {self.status_code}")
        if self.status_code >= 300:
            raise BadAnswer(f"status {self.status_code}")


@dataclass(frozen=True)
class Line:
    """The session that Authlib's client asks for, over our one way out."""

    outbound: Outbound

    def get(self, url: str, token: str = "") -> dict[str, Any]:
        """A JSON object. Raises `ServiceAway` or `BadAnswer`."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            reply = Reply(self.outbound.get(url, headers))
        except DoorError as error:
            raise ServiceAway(str(error)) from error
        reply.raise_for_status()
        return reply.json()

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Reply:
        """What Authlib's client calls with a question and the client's proof of itself. Raises `ServiceAway`."""
        url, signed, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        try:
            return Reply(self.outbound.post(url, body.encode(), signed))
        except DoorError as error:
            raise ServiceAway(str(error)) from error


class Provider:
    """The service that `oidc_issuer` names. What it says of itself is looked up when it is needed."""

    def __init__(self, settings: Settings, outbound: Outbound) -> None:
        self.settings = settings
        self.issuer = settings.oidc_issuer.rstrip("/")
        self.line = Line(outbound)
        self._description: dict[str, Any] = {}
        self._described_at = 0.0
        self._keys: KeySet | None = None

    def description(self) -> dict[str, Any]:
        """What the service says of itself: its endpoints and what it can. Raises `ServiceAway` or `BadAnswer`."""
        if not self._description or time.monotonic() - self._described_at > FRESH:
            found = self.line.get(self.issuer + "/.well-known/openid-configuration")
            self._check(found)
            self._description, self._described_at, self._keys = found, time.monotonic(), None
        return self._description

    def departure(self, *, state: str, nonce: str, verifier: str) -> str:
        """The address at the service where someone logs in. Raises `ServiceAway` or `BadAnswer`."""
        endpoint = self.description()["authorization_endpoint"]
        url, _ = self._client().create_authorization_url(endpoint, state=state, code_verifier=verifier, nonce=nonce)
        return str(url)

    def identify(self, code: str, *, nonce: str, verifier: str) -> Arrival:
        """Who came back with a code. Raises `ServiceAway`, `BadAnswer`, `ClocksDiffer` or `GroupsLeftOut`."""
        token = self._token(code, verifier)
        claims = self._judged(token, nonce)
        return self._arrival(self._completed(claims, token))

    def farewell(self) -> str | None:
        """The address where someone logs out of the service too; None where it offers none or is away."""
        try:
            endpoint = self.description().get("end_session_endpoint")
        except LoginError:
            return None  # whoever has left us is not kept waiting for others
        if not isinstance(endpoint, str) or not self._is_web(endpoint):
            return None
        back = {"client_id": self.settings.oidc_client_id, "post_logout_redirect_uri": self.settings.address + LEFT}
        return str(add_params_to_uri(endpoint, list(back.items())))

    def _check(self, found: Mapping[str, Any]) -> None:
        if str(found.get("issuer", "")).rstrip("/") != self.issuer:
            raise BadAnswer("the description is another issuer's")
        for each in ENDPOINTS:
            if not isinstance(found.get(each), str) or not self._is_web(found[each]):
                raise BadAnswer(f"the description has no usable {each}")

    def _is_web(self, url: str) -> bool:
        """Whether an address is as safe as the issuer's."""
        return urlsplit(url).scheme in ("https", urlsplit(self.issuer).scheme)

    def _client(self) -> Any:
        chosen = self.settings
        return OAuth2Client(
            self.line,
            client_id=chosen.oidc_client_id,
            client_secret=chosen.oidc_client_secret,
            token_endpoint_auth_method=self._proof(),
            scope=chosen.oidc_scopes,
            redirect_uri=chosen.address + BACK,
            code_challenge_method="S256",
        )

    def _proof(self) -> str:
        """How we show the service that we are its client."""
        if not self.settings.oidc_client_secret:
            return "none"
        offered = self.description().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"

    # The token ---------------------------------------------------------------------------------------------------

    def _token(self, code: str, verifier: str) -> dict[str, Any]:
        endpoint = self.description()["token_endpoint"]
        try:
            return dict(self._client().fetch_token(endpoint, code=code, code_verifier=verifier))
        except OAuth2Error as error:
            raise BadAnswer(f"the token endpoint says {str(error.error)[:60]!r}") from error
        except ValueError as error:
            raise BadAnswer("the token endpoint's answer cannot be read") from error

    def _judged(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is the service's, for us, for this log-in, and of now."""
        try:
            read = self._read(str(token.get("id_token") or ""))
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self.description()["issuer"]},
                    "aud": {"essential": True, "value": self.settings.oidc_client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": self.settings.oidc_client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=LEEWAY)
        except JoseError as error:
            raise _why(error) from error
        return dict(claims)

    def _read(self, id_token: str) -> jwt.Token:
        """A token whose signature holds. A key that is not known may have been added since: asked for once more."""
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(id_token, self._key_set(), registry=registry)
        except InvalidKeyIdError:
            self._keys = None
            return jwt.decode(id_token, self._key_set(), registry=registry)
        except ValueError as error:
            raise BadAnswer("the ID token cannot be read") from error

    def _key_set(self) -> KeySet:
        if self._keys is None:
            written = self.line.get(self.description()["jwks_uri"]).get("keys")
            keys = [each for each in written if each.get("use") != "enc"] if isinstance(written, list) else []
            if not keys:
                raise BadAnswer("the service has no keys")
            self._keys = KeySet.import_key_set({"keys": keys})
        return self._keys

    # The person --------------------------------------------------------------------------------------------------

    def _completed(self, claims: dict[str, Any], token: Mapping[str, Any]) -> dict[str, Any]:
        """With what the service tells only when it is asked: some put names and groups in no token."""
        endpoint = self.description().get("userinfo_endpoint")
        if all(each in claims for each in self._wanted()) or not endpoint or not token.get("access_token"):
            return claims
        told = self.line.get(str(endpoint), str(token["access_token"]))
        if told.get("sub") != claims["sub"]:
            raise BadAnswer("userinfo is someone else's")
        return {**told, **claims}

    def _wanted(self) -> tuple[str, ...]:
        chosen = self.settings
        return (
            chosen.oidc_subject_claim,
            chosen.oidc_name_claim,
            chosen.oidc_email_claim,
            chosen.oidc_groups_claim,
        )

    def _arrival(self, claims: Mapping[str, Any]) -> Arrival:
        subject, name, email, groups = (claims.get(each) for each in self._wanted())
        if not isinstance(subject, str) or not subject:
            raise BadAnswer(f"no claim {self.settings.oidc_subject_claim}")
        if groups is None and self.settings.oidc_groups_claim in (claims.get(_OVERAGE) or {}):
            raise GroupsLeftOut("too many groups for the token")
        address = email if isinstance(email, str) else None
        shown = name if isinstance(name, str) and name.strip() else address or subject
        return Arrival(self.issuer, subject, shown, address, _texts(groups))


def _texts(value: Any) -> tuple[str, ...]:
    """A claim that is a list of texts, or one text alone."""
    listed = value if isinstance(value, list) else [value]
    return tuple(each for each in listed if isinstance(each, str) and each)


def _why(error: JoseError) -> LoginError:
    late = isinstance(error, ExpiredTokenError) or (
        isinstance(error, ClaimError) and error.claim in ("iat", "nbf") and "must be" not in str(error)
    )
    return ClocksDiffer(str(error)) if late else BadAnswer(f"the ID token: {error}")
