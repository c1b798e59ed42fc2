"""A provider that answers as it is told to, also wrongly: what a real one never does, and somebody else might."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from web.settings import Settings

CLIENT, SECRET = "kunskapsflode", "a secret of tests alone, long enough"


@dataclass
class Crooked:
    """What the provider says; a test changes it. Times are real: a token knows nothing of a clock that was moved."""

    issuer: str = ""
    key: ECKey = field(default_factory=lambda: a_key("first"))
    description: dict[str, Any] = field(default_factory=dict)
    token: tuple[int, Any] = (200, {})
    userinfo: tuple[int, Any] = (200, {})
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and Authorization of every question."""
    sent: list[str] = field(default_factory=list)
    """Every form."""

    def settings(self) -> Settings:
        return Settings(
            oidc_issuer=self.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_allow_private="127.0.0.1",
        )

    def claims(self, of: str, **other: Any) -> dict[str, Any]:
        """What a token should say for the nonce `of`, with `other` instead; None leaves a claim out."""
        now = int(time.time())
        right = {"iss": self.issuer, "sub": "k1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": of}
        person = {"name": "Kim Prov", "email": "kim@region.example", "groups": ["kunskapsflode-samordnare"]}
        return {name: value for name, value in (right | person | other).items() if value is not None}

    def answers(self, id_token: str | None) -> None:
        """Let the token endpoint hand this out."""
        given = {"access_token": "ett hemligt kort", "token_type": "Bearer", "expires_in": 300}
        self.token = (200, given | ({"id_token": id_token} if id_token is not None else {}))

    def signed(self, claims: dict[str, Any], key: ECKey | None = None) -> str:
        signing = key or self.key
        return jwt.encode({"alg": "ES256", "kid": signing.kid}, claims, signing)

    def unsigned(self, claims: dict[str, Any]) -> str:
        return ".".join((_packed({"alg": "none", "kid": "first"}), _packed(claims), ""))

    def signed_with_what_all_know(self, claims: dict[str, Any]) -> str:
        """HS256 with the public key as if it were a secret: believed by whoever takes any algorithm."""
        return _sealed(claims, self.key.as_pem(private=False))

    def signed_with_our_secret(self, claims: dict[str, Any]) -> str:
        return _sealed(claims, SECRET.encode())

    def page(self, path: str) -> tuple[int, Any]:
        if path == "/jwks":
            return 200, KeySet([self.key]).as_dict(private=False)
        if path == "/.well-known/openid-configuration":
            endpoints = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}
            written = {name: f"{self.issuer}/{each}" for name, each in endpoints.items()}
            return 200, {"issuer": self.issuer, **written, "userinfo_endpoint": f"{self.issuer}/me", **self.description}
        return {"/token": self.token, "/me": self.userinfo}.get(path, (404, {}))


@contextmanager
def crooked() -> Iterator[Crooked]:
    """A crooked provider on a port of its own, until the block ends."""
    told = Crooked()

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.path, self.headers.get("Authorization", "")))
            status, said = told.page(self.path)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            told.sent.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        told.issuer = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        server.shutdown()


def a_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def _sealed(claims: dict[str, Any], secret: bytes) -> str:
    """Put together by hand: the library refuses to do such things."""
    text = f"{_packed({'alg': 'HS256', 'kid': 'first'})}.{_packed(claims)}"
    return f"{text}.{_encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def _packed(part: dict[str, Any]) -> str:
    return _encoded(json.dumps(part).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
