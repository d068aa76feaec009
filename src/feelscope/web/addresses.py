"""Which machines a picture may be fetched from: those of the public internet, and no others.

A post's address may point, by itself or by a redirect or by its name's entry, at a machine of the network that
Feelscope runs in. Every hop's name is resolved once, every address it resolves to is checked, and the connection
goes to the address that was checked, so that a second look-up cannot give another one.
"""

import http.client
import ipaddress
import socket
import ssl
import urllib.request
from collections.abc import Callable
from functools import partial

from feelscope.errors import PictureError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not all of these are known to every Python as not global.
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "fec0::/10"),
    )
)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet; one that carries another is judged by that as well."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def checked(host: str, port: int, resolve: Resolve, allowed: Callable[[Address], bool]) -> str:
    """One address of a name, when all of them may be connected to.

    Raises:
        PictureError: One of them may not, or there is none.
    """
    try:
        texts = resolve(host, port)
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in texts]
    except (OSError, ValueError) as error:
        raise PictureError(f"no address is known for {host}") from error
    if not addresses:
        raise PictureError(f"no address is known for {host}")
    for address in addresses:
        if not allowed(address):
            raise PictureError(f"address {address} is not of the public internet")
    return texts[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever its host's name resolves to by now.

    Args:
        check: A host and a port to one address of it that may be connected to.
        tls: For https; the certificate must be the host's, not the address's.
    """

    # By hand, as no client resolves, checks and connects in one step. With httpx the address would stand in the URL
    # and the name in `Host` and `sni_hostname`, and its pool would lend the connection of one name to another.
    def __init__(self, host: str, *, timeout: float, check: Callable[[str, int], str], tls: ssl.SSLContext | None):
        self.default_port = 80 if tls is None else 443
        super().__init__(host, timeout=timeout)
        self.check, self.tls = check, tls

    def connect(self) -> None:
        """Check, and connect to what was checked."""
        self.sock = socket.create_connection((self.check(self.host, self.port), self.port), self.timeout)
        if self.tls is not None:
            self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.host)


class Pinning(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Lets an opener reach the addresses that may be connected to, and no others."""

    def __init__(self, resolve: Resolve, allowed: Callable[[Address], bool]) -> None:
        super().__init__()
        self._check = partial(checked, resolve=resolve, allowed=allowed)
        self._tls = ssl.create_default_context()

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Pinned, request, check=self._check, tls=None)  # type: ignore[arg-type]

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Pinned, request, check=self._check, tls=self._tls)  # type: ignore[arg-type]
