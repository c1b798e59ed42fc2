"""The way out: where it does not lead, and that no answer holds it up."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

import pytest

from tests.webhooks.receiver import Got, Receiver, Reply, receiving
from webhooks.errors import BadAddress, Forbidden, NotSent, Unreachable
from webhooks.outbound import LARGEST_ANSWER, Outbound, networks

OPEN = "93.184.215.14"
HERE = networks("127.0.0.0/8, ::1")
PRIVATE = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.8.8.8 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8
    192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1
    255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
    64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: fc00::1 fd12:3456::1
    fe80::1 fe80::1%eth0 fec0::1 ff02::1 3fff::1 5f00::1
""".split()


def leading_to(*addresses: str, allowed: str = "") -> Outbound:
    """A way out for which every name has these addresses."""
    return Outbound(networks(allowed), resolve=lambda host, port: addresses)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_inwards(address: str) -> None:
    with pytest.raises(Forbidden):
        leading_to(address).check("https://far.example/in")


@pytest.mark.parametrize("address", [OPEN, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_name_that_leads_outwards(address: str) -> None:
    leading_to(address).check("https://far.example/in")
    leading_to(address).check("https://far.example:8443/in?a=1")


def test_one_private_address_among_many_is_enough_to_refuse() -> None:
    with pytest.raises(Forbidden):
        leading_to(OPEN, "8.8.8.8", "127.0.0.1").check("https://far.example/in")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0", "0x7f.1", "2130706433", "017700000001", "[::1]", "[::ffff:7f00:1]", "localhost", "127.1"]
)
def test_this_machine_by_any_name_as_the_system_resolves_it(host: str) -> None:
    with pytest.raises(NotSent):
        Outbound().check(f"https://{host}/in")


@pytest.mark.parametrize("port", [22, 25, 80, 5432, 6379, 8000])
def test_ports_of_the_open_net(port: int) -> None:
    with pytest.raises(Forbidden):
        leading_to(OPEN).check(f"https://far.example:{port}/in")


def test_the_open_net_only_over_tls() -> None:
    with pytest.raises(Forbidden):
        leading_to(OPEN).check("http://far.example/in")


@pytest.mark.parametrize(
    "url",
    [
        *("", "far.example", "//far.example/", "file:///etc/passwd", "gopher://far.example/", "ftp://far.example/"),
        *("unix:/run/x.sock", "https://", "https:///in", "https://user@far.example/", "https://u:p@far.example/"),
        *(
            "https://far.example/#x",
            "https://far.example#@here/",
            "https://far.example:99999/",
            "https://far.example:x/",
        ),
        *("https://far.example\\@here/", "https://far.example/ in", "https://far.example/\r\nHost: x", "https://[::1"),
        *("https://färre.example/", "https://far.example/" + "x" * 2000, "javascript:alert(1)"),
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadAddress):
        leading_to(OPEN).check(url)


def test_a_network_may_be_allowed_and_no_other() -> None:
    leading_to("10.1.2.3", allowed="10.1.0.0/16").check("http://inne.example:8000/in")
    leading_to("::ffff:10.1.2.3", allowed="10.1.0.0/16").check("http://inne.example:8000/in")
    with pytest.raises(Forbidden):
        leading_to("10.2.0.1", allowed="10.1.0.0/16").check("http://inne.example:8000/in")


def test_a_name_that_is_not_there() -> None:
    def nobody(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(8, "nodename nor servname provided")

    with pytest.raises(Unreachable):
        Outbound(resolve=nobody).check("https://far.example/")
    with pytest.raises(Unreachable):
        leading_to().check("https://far.example/")


def test_the_name_is_resolved_once_and_the_connection_goes_there(receiver: Receiver) -> None:
    """A second look-up could give another address than the one that was judged."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    answer = Outbound(HERE, resolve=resolve).post(f"http://far.example:{receiver.port}/in?a=1", b"{}", {"X-A": "b"})
    assert (answer.status, answer.text) == (200, "tack")
    assert asked == ["far.example"]
    (got,) = receiver.got
    assert (got.path, got.headers["host"], got.body) == ("/in?a=1", f"far.example:{receiver.port}", b"{}")


def test_the_environment_s_proxy_is_not_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:9")
    assert Outbound(HERE).post(receiver.url, b"{}", {}).status == 200


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with receiving(lambda got, number: Reply(302, {"Location": "/elsewhere"})) as receiver:
        assert Outbound(HERE).post(receiver.url, b"{}", {}).status == 302
        assert len(receiver.got) == 1


@pytest.mark.parametrize("reply", [Reply(hangs=True), Reply(drips=True)], ids=["hangs", "drips"])
def test_time_runs_out_whatever_the_receiver_does(reply: Reply) -> None:
    with receiving(lambda got, number: reply) as receiver:
        with pytest.raises(Unreachable, match="i tid"):
            Outbound(HERE, seconds=0.2).post(receiver.url, b"{}", {})
        assert not receiver.outlasted


def test_a_huge_answer_is_cut_and_never_unpacked() -> None:
    with receiving(lambda got, number: Reply(200, {"Content-Encoding": "gzip"}, b"x" * 5_000_000)) as receiver:
        assert len(Outbound(HERE).post(receiver.url, b"{}", {}).text) == LARGEST_ANSWER


def test_nobody_there_and_somebody_who_hangs_up() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable):
            Outbound(HERE).post(f"http://127.0.0.1:{taken.getsockname()[1]}/", b"{}", {})
    with receiving(lambda got, number: Reply(cuts=True)) as receiver, pytest.raises(Unreachable):
        Outbound(HERE).post(receiver.url, b"{}", {})


def test_a_receiver_without_a_certificate(receiver: Receiver) -> None:
    with pytest.raises(Unreachable):
        Outbound(HERE, seconds=1).post(receiver.url.replace("http:", "https:"), b"{}", {})


def test_the_second_address_is_tried_when_the_first_is_closed(receiver: Receiver) -> None:
    outbound = Outbound(HERE, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    assert outbound.post(f"http://far.example:{receiver.port}/", b"{}", {}).status == 200


def test_a_receiver_keeps_what_it_got() -> None:
    def answer(got: Got, number: int) -> Reply:
        return Reply(503, {"Retry-After": "120"}) if number == 0 else Reply()

    with receiving(answer) as receiver:
        first, second = (Outbound(HERE).post(receiver.url, b"{}", {}) for _ in range(2))
        assert (first.status, first.retry_after, second.status) == (503, "120", 200)
