"""Signatures, checked against the standard's own example and against everything that does not fit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from webhooks import signing
from webhooks.errors import BadSecret, NotSigned

# The example that the standard and all of its libraries share.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
NOW = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {"webhook-id": ID, "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE}
OTHER = signing.new_secret()


def test_the_example_of_the_standard() -> None:
    assert signing.headers(SECRET, ID, NOW, BODY) == HEADERS
    assert signing.verify([SECRET], HEADERS, BODY, NOW) == ID


def test_the_zone_of_the_moment_does_not_matter() -> None:
    stockholm = NOW.astimezone(timezone(timedelta(hours=1)))
    assert signing.headers(SECRET, ID, stockholm, BODY) == HEADERS


@pytest.mark.parametrize("seconds", [-300, 0, 299])
def test_five_minutes_either_way_are_now(seconds: int) -> None:
    assert signing.verify([SECRET], HEADERS, BODY, NOW + timedelta(seconds=seconds)) == ID


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_another_time_is_not_now(seconds: int) -> None:
    with pytest.raises(NotSigned):
        signing.verify([SECRET], HEADERS, BODY, NOW + timedelta(seconds=seconds))


def test_a_secret_is_changed_without_a_gap() -> None:
    both = HEADERS | {"webhook-signature": f"{signing.headers(OTHER, ID, NOW, BODY)['webhook-signature']} {SIGNATURE}"}
    assert signing.verify([SECRET], both, BODY, NOW) == ID
    assert signing.verify([OTHER, SECRET], HEADERS, BODY, NOW) == ID
    with pytest.raises(NotSigned):
        signing.verify([OTHER], HEADERS, BODY, NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": SIGNATURE[:-4]},
        {"webhook-signature": SIGNATURE.replace("v1,", "v0,")},
        {"webhook-signature": SIGNATURE.replace("v1,", "v1a,")},
        {"webhook-signature": SIGNATURE.removeprefix("v1,")},
        {"webhook-signature": "v1,å"},
        {"webhook-id": ""},
        {"webhook-id": "msg_other"},
        {"webhook-id": "x" * 300},
        {"webhook-id": "msg\n1"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "nyss"},
        {"webhook-timestamp": "-1614265330"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 400},
    ],
    ids=str,
)
def test_headers_that_do_not_fit(wrong: dict[str, str]) -> None:
    with pytest.raises(NotSigned):
        signing.verify([SECRET], HEADERS | wrong, BODY, NOW)


def test_no_headers_and_no_secret() -> None:
    for trusted, given in (([SECRET], {}), ([], HEADERS)):
        with pytest.raises(NotSigned):
            signing.verify(trusted, given, BODY, NOW)


def test_every_byte_of_the_body_counts() -> None:
    reordered = json.dumps({"b": 1, "a": 2}).encode()
    signed = signing.headers(SECRET, ID, NOW, json.dumps({"a": 2, "b": 1}).encode())
    with pytest.raises(NotSigned):
        signing.verify([SECRET], signed, reordered, NOW)
    with pytest.raises(NotSigned):
        signing.verify([SECRET], HEADERS, BODY + b" ", NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_inte base64", "whsec_a29ydA=="])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(BadSecret):
        signing.headers(secret, ID, NOW, BODY)


def test_new_secrets_differ_and_are_long() -> None:
    made = {signing.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(each) == 50 for each in made)
