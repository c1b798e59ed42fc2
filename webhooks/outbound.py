"""The one way out over HTTP, to addresses that somebody outside has given us.

The name is resolved once, every address it has is judged, and the connection goes to one of those that were judged,
with the name in Host and in the certificate. No redirects, no proxies from the environment, ten seconds in all, and at
most a megabyte of answer.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from webhooks.errors import BadAddress, Forbidden, Unreachable

SECONDS = 10.0
LARGEST_ANSWER = 1_000_000
LONGEST_ADDRESS = 2_000
PORTS = frozenset((443, 8443))
"""Those of the open net. An allowed network of one's own may use any."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to the texts of its addresses; raises OSError."""

# Not left to `is_private`: Python calls several of these public.
DENIED: tuple[Network, ...] = tuple(
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32"),
        *("2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    retry_after: str = ""
    """The header as it was written: seconds, or a date."""
    text: str = ""
    """The beginning of the answer, from outside: escape it."""


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, as the system knows them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Outbound:
    """Who may be sent to: the open net over TLS, and the networks that this installation allows."""

    allowed: tuple[Network, ...] = ()
    resolve: Resolve = resolve
    seconds: float = SECONDS

    def check(self, url: str) -> None:
        """Raises `BadAddress`, `Forbidden` or `Unreachable` when nothing would be sent to the address today."""
        self._judged(split(url))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send, and answer with what came back, whatever its status. Raises as `check`."""
        return self._exchange("POST", url, body, headers)

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Ask, and answer with what came back, whatever its status. Raises as `check`."""
        return self._exchange("GET", url, None, headers)

    def _exchange(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        parts = split(url)
        started = time.monotonic()
        addresses = self._judged(parts)
        with self._connected(parts, addresses, started) as connection:
            return _exchanged(connection, parts, method, body, headers)

    def _judged(self, parts: SplitResult) -> list[Address]:
        host, port = str(parts.hostname), port_of(parts)
        try:
            found = [ip_address(each.partition("%")[0]) for each in self.resolve(host, port)]
        except (OSError, UnicodeError, ValueError) as error:
            raise Unreachable(f"Namnet {host} går inte att slå upp.") from error
        if not found:
            raise Unreachable(f"Namnet {host} har ingen adress.")
        for each in found:
            self._require(parts, each)
        return found

    def _require(self, parts: SplitResult, address: Address) -> None:
        plain = unwrapped(address)
        if any(plain in network for network in self.allowed):
            return
        if is_denied(plain):
            raise Forbidden(f"{parts.hostname} leder till {address}, dit inget skickas.")
        if parts.scheme != "https" or port_of(parts) not in PORTS:
            raise Forbidden(f"{parts.hostname} kan bara nås över https på port 443 eller 8443.")

    @contextmanager
    def _connected(
        self, parts: SplitResult, addresses: Sequence[Address], started: float
    ) -> Iterator[http.client.HTTPConnection]:
        """A connection to the first address that answers; whatever happens on it, time runs out."""
        connection = http.client.HTTPConnection(str(parts.hostname), port_of(parts))
        plain = _socket(addresses, port_of(parts), started + self.seconds)
        watchdog = threading.Timer(max(0.0, started + self.seconds - time.monotonic()), _cut, [plain])
        watchdog.daemon = True
        watchdog.start()
        try:
            # Wrapping gives a new socket object over the same descriptor: the watchdog holds a copy of its own.
            connection.sock = _wrapped(plain, parts)
            yield connection
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(_why(error, time.monotonic() - started >= self.seconds)) from error
        finally:
            watchdog.cancel()
            connection.close()
            plain.close()


def split(url: str) -> SplitResult:
    """The parts of an address of the kind we take. Raises `BadAddress`."""
    if len(url) > LONGEST_ADDRESS or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>'):
        raise BadAddress("Adressen får bara ha tecken som hör hemma i en adress. Skriv å, ä och ö som xn--.")
    try:
        parts = urlsplit(url)
        port_of(parts)
    except ValueError as error:
        raise BadAddress(f"Adressen går inte att läsa: {error}.") from error
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadAddress("Adressen ska börja med https:// och ha ett värdnamn.")
    if "@" in parts.netloc or "#" in url:
        raise BadAddress("Adressen får inte ha användare, lösenord eller #.")
    return parts


def port_of(parts: SplitResult) -> int:
    """The port that is written, or the scheme's own. Raises ValueError."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def networks(written: str) -> tuple[Network, ...]:
    """Networks from `10.1.0.0/16, 127.0.0.1`. Raises ValueError."""
    return tuple(ip_network(each.strip()) for each in written.split(",") if each.strip())


def is_denied(address: Address) -> bool:
    """Whether an address is of this machine, of a private net, or none that one connects to."""
    return not address.is_global or any(address in network for network in DENIED)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address is only another way of writing."""
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _socket(addresses: Sequence[Address], port: int, until: float) -> socket.socket:
    error: OSError = TimeoutError()
    for each in addresses:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((str(each), port), timeout=left)
        except OSError as refused:
            error = refused
    raise Unreachable(_why(error, isinstance(error, TimeoutError))) from error


def _wrapped(plain: socket.socket, parts: SplitResult) -> socket.socket:
    own = plain.dup()
    own.settimeout(plain.gettimeout())
    if parts.scheme == "http":
        return own
    return ssl.create_default_context().wrap_socket(own, server_hostname=parts.hostname)


def _cut(plain: socket.socket) -> None:
    try:
        plain.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already


def _exchanged(
    connection: http.client.HTTPConnection,
    parts: SplitResult,
    method: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Answer:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body, {**headers, "Connection": "close"})
    response = connection.getresponse()
    text = response.read(LARGEST_ANSWER).decode("utf-8", "replace")
    return Answer(response.status, response.getheader("Retry-After", ""), text)


def _why(error: Exception, late: bool) -> str:
    if late:
        return "Inget svar i tid."
    if isinstance(error, ssl.SSLError):
        return f"Certifikatet eller krypteringen godtas inte: {error.reason or error}."
    return f"Ingen förbindelse: {error.__class__.__name__}."
