"""What is believed of a log-in service's answer, held against one that answers as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.arrivals import Arrival
from tests.provider.crooked import Crooked, a_key, crooked
from web import outgoing
from web.login.errors import BadAnswer, ClocksDiffer, LoginError, ServiceAway
from web.login.provider import Provider
from web.settings import BadSetting, Settings

NONCE = "n" * 43
GROUPS = ("kunskapsflode-samordnare",)


@pytest.fixture
def told() -> Iterator[Crooked]:
    with crooked() as found:
        yield found


@pytest.fixture
def provider(told: Crooked) -> Provider:
    return provider_of(told)


def provider_of(told: Crooked, **settings: Any) -> Provider:
    found = outgoing.provider(replace(told.settings(), **settings))
    assert found is not None
    return found


def identified(provider: Provider) -> Arrival:
    return provider.identify("en kod", nonce=NONCE, verifier="v" * 43)


def test_a_token_that_is_right_is_taken(told: Crooked, provider: Provider) -> None:
    told.answers(told.signed(told.claims(NONCE)))
    assert identified(provider) == Arrival(told.issuer, "k1", "Kim Prov", "kim@region.example", GROUPS)
    assert "/me" not in [path for path, _ in told.asked], "all was in the token"


def test_claims_have_the_names_that_the_settings_give_them(told: Crooked) -> None:
    chosen = {"oidc_subject_claim": "hsaid", "oidc_name_claim": "visningsnamn", "oidc_groups_claim": "roles"}
    provider = provider_of(told, **chosen)
    said = told.claims(NONCE, hsaid="SE-1", visningsnamn="Kim P", roles="kunskapsflode-samordnare", groups=["annat"])
    told.answers(told.signed(said))
    assert identified(provider) == Arrival(told.issuer, "SE-1", "Kim P", "kim@region.example", GROUPS)


def test_an_issuer_is_the_same_with_a_stroke_at_its_end(told: Crooked) -> None:
    issuer = told.issuer
    provider = provider_of(told, oidc_issuer=f"{issuer}/")
    told.answers(told.signed(told.claims(NONCE)))
    assert identified(provider).issuer == issuer


Twist = Callable[[Crooked, str], str | None]

TWISTS: dict[str, Twist] = {
    "another nonce": lambda it, _: it.signed(it.claims("x" * 43)),
    "no nonce": lambda it, nonce: it.signed(it.claims(nonce, nonce=None)),
    "another audience": lambda it, nonce: it.signed(it.claims(nonce, aud="someone-else")),
    "no audience": lambda it, nonce: it.signed(it.claims(nonce, aud=None)),
    "made for another among several": lambda it, nonce: it.signed(
        it.claims(nonce, aud=["kunskapsflode", "other"], azp="other")
    ),
    "another issuer": lambda it, nonce: it.signed(it.claims(nonce, iss="https://id.other.example")),
    "no subject": lambda it, nonce: it.signed(it.claims(nonce, sub=None)),
    "no end": lambda it, nonce: it.signed(it.claims(nonce, exp=None)),
    "an end that is no number": lambda it, nonce: it.signed(it.claims(nonce, exp="in time")),
    "unsigned": lambda it, nonce: it.unsigned(it.claims(nonce)),
    "signed with the public key": lambda it, nonce: it.signed_with_what_all_know(it.claims(nonce)),
    "signed with our secret": lambda it, nonce: it.signed_with_our_secret(it.claims(nonce)),
    "signed by another": lambda it, nonce: it.signed(it.claims(nonce), key=a_key("first")),
    "for another access token": lambda it, nonce: it.signed(it.claims(nonce, at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    "changed after it was signed": lambda it, nonce: it.signed(it.claims(nonce))[:-8] + "AAAAAAAA",
    "none": lambda _, __: None,
    "no token": lambda _, __: "this is no token",
}


@pytest.mark.parametrize("twist", TWISTS)
def test_a_token_that_is_wrong_is_not_believed(told: Crooked, provider: Provider, twist: str) -> None:
    told.answers(TWISTS[twist](told, NONCE))
    with pytest.raises(BadAnswer):
        identified(provider)


@pytest.mark.parametrize("times", [{"exp": -120}, {"iat": 600}, {"nbf": 600}])
def test_clocks_that_differ_are_spoken_of(told: Crooked, provider: Provider, times: dict[str, int]) -> None:
    now = told.claims(NONCE)["iat"]
    told.answers(told.signed(told.claims(NONCE, **{name: now + by for name, by in times.items()})))
    with pytest.raises(ClocksDiffer):
        identified(provider)


def test_clocks_may_differ_by_half_a_minute(told: Crooked, provider: Provider) -> None:
    now = told.claims(NONCE)["iat"]
    told.answers(told.signed(told.claims(NONCE, iat=now + 30, exp=now - 30)))
    assert identified(provider).subject == "k1"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ((400, {"error": "invalid_grant"}), BadAnswer),
        ((401, {"error": "invalid_client"}), BadAnswer),
        ((200, b"<html>not JSON</html>"), BadAnswer),
        ((200, [1, 2]), BadAnswer),
        ((429, b"slow down"), BadAnswer),
        ((502, b"bad gateway"), ServiceAway),
    ],
)
def test_a_token_endpoint_that_says_no(
    told: Crooked, provider: Provider, said: tuple[int, Any], error: type[LoginError]
) -> None:
    told.token = said
    with pytest.raises(error):
        identified(provider)


def test_a_key_that_has_been_added_is_asked_for(told: Crooked, provider: Provider) -> None:
    told.answers(told.signed(told.claims(NONCE)))
    identified(provider)
    told.key = a_key("second")
    told.answers(told.signed(told.claims(NONCE)))
    assert identified(provider).subject == "k1"


def test_what_is_in_no_token_is_asked_for_and_must_be_of_the_same_person(told: Crooked, provider: Provider) -> None:
    told.answers(told.signed(told.claims(NONCE, groups=None)))
    told.userinfo = (200, {"sub": "k1", "groups": list(GROUPS)})
    assert identified(provider).groups == GROUPS
    assert ("/me", "Bearer ett hemligt kort") in told.asked
    told.userinfo = (200, {"sub": "k2", "groups": list(GROUPS)})
    with pytest.raises(BadAnswer):
        identified(provider)


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://id.other.example"},
        {"token_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/keys"},
    ],
)
def test_a_description_that_is_not_the_issuers_is_not_followed(
    told: Crooked, provider: Provider, said: dict[str, Any]
) -> None:
    told.description = said
    with pytest.raises(BadAnswer):
        provider.departure(state="s" * 43, nonce=NONCE, verifier="v" * 43)


@pytest.mark.parametrize("endpoint", [None, 7, "javascript:alert(1)"])
def test_log_out_at_the_service_is_offered_only_where_there_is_one(
    told: Crooked, provider: Provider, endpoint: object
) -> None:
    told.description = {"end_session_endpoint": endpoint}
    assert provider.farewell() is None


@pytest.mark.parametrize(
    ("offered", "secret", "shown"),
    [
        (None, "hemlig", "client_secret_basic"),
        (["client_secret_post", "private_key_jwt"], "hemlig", "client_secret_post"),
        (["client_secret_basic"], "", "none"),
    ],
)
def test_we_show_who_we_are_as_the_service_wants_it(
    told: Crooked, offered: list[str] | None, secret: str, shown: str
) -> None:
    told.description = {"token_endpoint_auth_methods_supported": offered}
    told.answers(told.signed(told.claims(NONCE)))
    identified(provider_of(told, oidc_client_secret=secret))
    [(_, authorization)] = [each for each in told.asked if each[0] == "/token"]
    [form] = [each for each in told.sent if "code=" in each]
    assert authorization.startswith("Basic") == (shown == "client_secret_basic")
    assert ("client_secret=hemlig" in form) == (shown == "client_secret_post")
    assert ("client_id=kunskapsflode" in form) == (shown != "client_secret_basic")
    assert f"code_verifier={'v' * 43}" in form


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_client_id": ""},
        {"oidc_scopes": "profile"},
        {"oidc_allow_private": "the moon"},
        {"oidc_issuer": "", "password_login": "off"},
    ],
)
def test_settings_that_let_no_one_in_are_refused(wrong: dict[str, str]) -> None:
    right = Settings(oidc_issuer="https://id.region.example", oidc_client_id="kunskapsflode")
    with pytest.raises(BadSetting):
        outgoing.provider(replace(right, **wrong))
